/** A number as a person wrote it in YAML or JSON, when a double would print it differently: `1.50`, `1e19`. */
export class WrittenFloat {
  readonly value: number;
  readonly text: string;

  constructor(value: number, text: string) {
    this.value = value;
    this.text = text;
  }

  toJSON(): number {
    return this.value;
  }
}
