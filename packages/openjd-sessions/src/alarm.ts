/**
 * One timer that can be moved. Unlike `setTimeout` it keeps waits of more than
 * 24 days instead of firing at once.
 */
const longest = 2 ** 31 - 1;

export class Alarm {
  #timer: NodeJS.Timeout | undefined;

  /** Rings at `time` on the clock of `performance.now()`; an earlier setting is forgotten. */
  set(time: number, ring: () => void): void {
    this.clear();
    const wait = Math.max(0, time - performance.now());
    this.#timer = setTimeout(() => (wait > longest ? this.set(time, ring) : ring()), Math.min(wait, longest));
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
