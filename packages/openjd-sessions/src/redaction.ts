/**
 * Hides secret values in text that leaves the session: log lines, status and
 * fail messages. Knows nothing of where secrets come from.
 *
 * Promises: no registered secret, and no single line of a registered secret of
 * several lines, appears in what `redact` returns, neither as it is nor in base64 or in a URL; where secrets overlap, the
 * whole overlapped stretch becomes one mask.
 */
import { Needle, utf16 } from './needle.ts';
import { formsOf } from './secret-forms.ts';

/** What stands for a secret. */
export const mask = '********';
/** Shorter secrets are searched as they are: a search that repeats itself costs no more than this often. */
const short = 64;

interface Secret {
  readonly text: string;
  /** Of long ones. */
  readonly units: Needle | undefined;
  readonly bytes: Needle;
}

export class Redactor {
  readonly #secrets = new Map<string, Secret>();

  /** Registers a secret and each of its lines, in every spelling. The empty string is no secret. */
  add(secret: string): void {
    const parts = new Set([secret, ...secret.split(/\r\n|\n|\r/)]);
    const known = [...parts].filter((part) => part.trim() !== '' && !this.#secrets.has(part));
    for (const part of [...known, ...known.flatMap(formsOf)]) {
      if (this.#secrets.has(part)) continue;
      const units = part.length > short ? new Needle(utf16(part)) : undefined;
      this.#secrets.set(part, { text: part, units, bytes: new Needle(Buffer.from(part)) });
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
   * across the cut. At 0 when all of it may be the beginning of a secret.
   */
  cutBefore(bytes: Buffer, limit: number): number {
    let longest = 0;
    for (const { bytes: needle } of this.#secrets.values()) {
      const end = bytes.subarray(Math.max(0, limit - needle.length + 1), limit);
      longest = Math.max(longest, needle.beginsAtEndOf(end));
    }
    return limit - longest;
  }

  /** The stretches to hide, in order, none touching another. */
  #spans(text: string): { start: number; end: number }[] {
    const found: { start: number; end: number }[] = [];
    let codes: Uint16Array | undefined;
    for (const { text: secret, units } of this.#secrets.values()) {
      if (secret.length > text.length) continue;
      if (units) {
        for (const end of units.endsIn((codes ??= utf16(text))))
          found.push({ start: end - secret.length, end });
      } else {
        for (let at = text.indexOf(secret); at !== -1; at = text.indexOf(secret, at + 1)) {
          found.push({ start: at, end: at + secret.length });
        }
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
