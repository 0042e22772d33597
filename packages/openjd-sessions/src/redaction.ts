/**
 * Hides secret values in text that leaves the session: log lines, status and
 * fail messages. Knows nothing of where secrets come from.
 *
 * Promises: no registered secret, and no single line of a registered secret of
 * several lines, appears in what `redact` returns; where secrets overlap, the
 * whole overlapped stretch becomes one mask.
 */
const mask = '********';

export class Redactor {
  readonly #secrets = new Set<string>();

  /** Registers a secret and each of its lines. The empty string is no secret. */
  add(secret: string): void {
    for (const part of [secret, ...secret.split(/\r\n|\n|\r/)]) {
      if (part.trim() !== '') this.#secrets.add(part);
    }
  }

  /** `text` with every secret replaced by `********`. */
  redact(text: string): string {
    if (this.#secrets.size === 0) return text;
    const spans = this.#spans(text);
    if (spans.length === 0) return text;
    let redacted = '';
    let from = 0;
    for (const { start, end } of spans) {
      redacted += text.slice(from, start) + mask;
      from = end;
    }
    return redacted + text.slice(from);
  }

  /**
   * Where to cut an over-long line at or before the byte offset `limit` so that no secret lies
   * across the cut. A secret that would begin at 0 is cut: it is longer than a line may be.
   */
  cutBefore(bytes: Buffer, limit: number): number {
    let cut = limit;
    for (const secret of this.#secrets) {
      const wanted = Buffer.from(secret);
      for (let at = Math.max(0, limit - wanted.length + 1); at < cut; at += 1) {
        if (bytes.subarray(at, limit).equals(wanted.subarray(0, limit - at))) cut = at;
      }
    }
    return cut === 0 ? limit : cut;
  }

  /** The stretches to hide, in order, none touching another. */
  #spans(text: string): { start: number; end: number }[] {
    const found: { start: number; end: number }[] = [];
    for (const secret of this.#secrets) {
      for (let at = text.indexOf(secret); at !== -1; at = text.indexOf(secret, at + 1)) {
        found.push({ start: at, end: at + secret.length });
      }
    }
    found.sort((a, b) => a.start - b.start);
    const merged: { start: number; end: number }[] = [];
    for (const span of found) {
      const last = merged.at(-1);
      if (last && span.start <= last.end) last.end = Math.max(last.end, span.end);
      else merged.push({ ...span });
    }
    return merged;
  }
}
