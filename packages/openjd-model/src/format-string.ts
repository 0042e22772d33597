/**
 * Format strings: text with names between `{{` and `}}`.
 *
 * Parsing gives segments with their offsets, so that whoever checks or resolves can say where. Which names
 * exist is the business of the caller (`scopes.ts` for templates, a `SymbolTable` for values).
 */
import { nearestName } from './edit-distance.ts';
import { FormatStringInvalid } from './errors.ts';
import type { FormatStringFault } from './errors.ts';
import type { SymbolTable } from './symbol-table.ts';

export interface TextSegment {
  readonly kind: 'text';
  readonly text: string;
}

/** `{{ name }}` between `start` and `end`, in UTF-16 units from 0. */
export interface NameSegment {
  readonly kind: 'name';
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

export interface FormatString {
  readonly text: string;
  readonly segments: readonly (TextSegment | NameSegment)[];
}

/** More than any template needs; they keep a hostile one from costing much. */
const longestText = 1024 * 1024;
const mostSegments = 1000;

const dottedName = /^[A-Za-z_][A-Za-z0-9_]*(?:\s*\.\s*[A-Za-z_][A-Za-z0-9_]*)*$/;
const beginsLikeName = /^[A-Za-z_][\w.\s]*/;

/** @throws FormatStringInvalid for braces without a partner, and for anything but a dotted name in them. */
export function parseFormatString(text: string): FormatString {
  if (text.length > longestText) {
    throw invalid(text, { start: 0, end: longestText, reason: `Longer than ${longestText} characters.` });
  }
  const segments: (TextSegment | NameSegment)[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('{{', at);
    const plain = text.slice(at, open < 0 ? text.length : open);
    const stray = plain.indexOf('}}');
    if (stray >= 0) {
      throw invalid(text, {
        start: at,
        end: at + stray + 2,
        reason: 'Reason: Braces mismatch: }} without {{.',
      });
    }
    if (plain !== '') segments.push({ kind: 'text', text: plain });
    if (open < 0) break;
    const segment = nameAt(text, open);
    segments.push(segment);
    if (segments.length > mostSegments) {
      throw invalid(text, { start: open, end: segment.end, reason: `More than ${mostSegments} segments.` });
    }
    at = segment.end;
  }
  return { text, segments };
}

function nameAt(text: string, start: number): NameSegment {
  const close = text.indexOf('}}', start + 2);
  if (close < 0) {
    throw invalid(text, { start, end: text.length, reason: 'Reason: Braces mismatch: {{ without }}.' });
  }
  const end = close + 2;
  const name = text.slice(start + 2, close).trim();
  if (name === '') throw invalid(text, { start, end, reason: 'Reason: Empty expression.' });
  if (!dottedName.test(name)) throw invalid(text, { start, end, ...whyNotName(name) });
  return { kind: 'name', name: name.replace(/\s/g, ''), start, end };
}

function whyNotName(source: string): { reason: string; needsExtension?: boolean } {
  if (source.includes('{')) return { reason: `Reason: Unexpected '{' in '${source}'.` };
  if (beginsLikeName.test(source)) {
    return { reason: 'complex expressions require the EXPR extension.', needsExtension: true };
  }
  return { reason: `Reason: Unexpected '${source[0]}' in '${source}'; expected a name.` };
}

const invalid = (text: string, fault: Omit<FormatStringFault, 'text'>) =>
  new FormatStringInvalid({ text, ...fault });

/** The error for a name that has no value, with the nearest one that has. */
export function unknownName(
  text: string,
  segment: NameSegment,
  known: Iterable<string>,
): FormatStringInvalid {
  const { name, start, end } = segment;
  const reason = `Undefined variable: '${name}'.`;
  return new FormatStringInvalid({ text, start, end, reason, suggestion: nearestName(name, known) });
}

/**
 * The text with every name replaced by its value.
 *
 * @throws FormatStringInvalid if it cannot be parsed, or names something that `symbols` lacks.
 */
export function resolveFormatString(text: string, symbols: SymbolTable): string {
  if (!text.includes('{{') && !text.includes('}}')) return text;
  const { segments } = parseFormatString(text);
  return segments
    .map((segment) => {
      if (segment.kind === 'text') return segment.text;
      const value = symbols.get(segment.name);
      if (value === undefined) throw unknownName(text, segment, symbols.names);
      return value;
    })
    .join('');
}
