/**
 * The attempts that wait for a runner, in the order in which they came. Who comes in the place of one that was taken
 * back stands where that one stood: a task whose inputs change often would otherwise never get to the front.
 */
export class WaitingLine {
  /** attempt → since when it stands here, ISO 8601 */
  private readonly since = new Map<string, string>();

  get size(): number {
    return this.since.size;
  }

  has(attempt: string): boolean {
    return this.since.has(attempt);
  }

  /** @param since of whose place it takes; absent: it is the last */
  add(attempt: string, since?: string): void {
    this.since.set(attempt, since ?? new Date().toISOString());
    if (since === undefined) return;
    const inOrder = [...this.since].toSorted(([, one], [, other]) =>
      one < other ? -1 : one > other ? 1 : 0,
    );
    this.since.clear();
    for (const [name, at] of inOrder) this.since.set(name, at);
  }

  /** @returns did it stand here? */
  delete(attempt: string): boolean {
    return this.since.delete(attempt);
  }

  /** It may be taken out while one looks. */
  attempts(): Iterable<string> {
    return this.since.keys();
  }
}
