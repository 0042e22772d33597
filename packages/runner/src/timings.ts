/** How long each part of a run took, in milliseconds since the ticket came: what `result.json` keeps. */
export interface Timings {
  /** Notes that something is done: milliseconds since the start, to a hundredth. */
  mark(name: string): void;
  readonly marks: Readonly<Record<string, number>>;
}

export function startTimings(): Timings {
  const start = performance.now();
  const marks: Record<string, number> = {};
  return {
    marks,
    mark(name) {
      marks[name] ??= Math.round((performance.now() - start) * 100) / 100;
    },
  };
}
