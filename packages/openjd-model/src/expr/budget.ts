/** What an evaluation may cost. Work is charged before it is done, memory before it is taken. */
import { ExpressionInvalid } from './expression-invalid.ts';

export interface ExpressionLimits {
  /** Steps: calls, elements of lists, and 256 characters of text count as one each. 10 million unless set. */
  readonly operations?: number | undefined;
  /** Bytes of all values that are alive at once. 100 million unless set. */
  readonly memory?: number | undefined;
  /** Of this thread's processor: other programs do not count. 0.8 unless set; Infinity never looks. */
  readonly seconds?: number | undefined;
}

/** Steps between two looks at the clock: well under a millisecond of work. */
const stepsBetweenLooks = 4096;

function processorSeconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e6;
}

export class Budget {
  readonly #operations: number;
  readonly #memory: number;
  readonly #seconds: number;
  /** Since the first look: most evaluations end before it. */
  #start: number | undefined;
  #nextLook = stepsBetweenLooks;
  #spent = 0;
  #held = 0;

  constructor({ operations = 10_000_000, memory = 100_000_000, seconds = 0.8 }: ExpressionLimits = {}) {
    this.#operations = operations;
    this.#memory = memory;
    this.#seconds = seconds;
  }

  /** @throws ExpressionInvalid past the limit. */
  spend(count: number): void {
    this.#spent += count;
    if (this.#spent > this.#operations) {
      throw new ExpressionInvalid(
        `Expression operation count (${BigInt(Math.ceil(this.#spent))}) exceeded limit (${this.#operations})`,
      );
    }
    if (this.#spent >= this.#nextLook) this.#look();
  }

  #look(): void {
    this.#nextLook = this.#spent + stepsBetweenLooks;
    this.#start ??= processorSeconds();
    if (processorSeconds() - this.#start > this.#seconds) {
      throw new ExpressionInvalid(`Expression evaluation took longer than ${this.#seconds} s`);
    }
  }

  /** Work on that much text. */
  spendText(length: number): void {
    this.spend(Math.ceil(length / 256));
  }

  /** @throws ExpressionInvalid if that many bytes more are too many; they are not held yet. */
  foresee(bytes: number): void {
    const wanted = this.#held + bytes;
    if (wanted > this.#memory) {
      throw new ExpressionInvalid(
        `Expression memory usage (${wanted} bytes) exceeded limit (${this.#memory} bytes)`,
      );
    }
  }

  hold(bytes: number): void {
    this.foresee(bytes);
    this.#held += bytes;
  }

  release(bytes: number): void {
    this.#held -= bytes;
  }

  /** Text about to be written: its work and its memory. */
  write(length: number): void {
    this.spendText(length);
    this.foresee(length);
  }
}
