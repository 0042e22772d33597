/**
 * Paths as text, for POSIX and WINDOWS, whatever machine this is; and URIs, which are never tidied: what is
 * between their slashes is a name, even nothing.
 */
import type { PathFormat } from './values.ts';

/** `anchor` and the parts joined are the path: `/` and `a`, `b`. */
export interface SplitPath {
  readonly anchor: string;
  readonly parts: readonly string[];
}

const uri = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/]*/;

export const isUri = (path: string): boolean => uri.test(path);

export function splitPath(path: string, format: PathFormat): SplitPath {
  const authority = uri.exec(path)?.[0];
  if (authority !== undefined) {
    const rest = path.slice(authority.length);
    return { anchor: authority, parts: rest === '' ? [] : rest.slice(1).split('/') };
  }
  const text = format === 'WINDOWS' ? path.replaceAll('/', '\\') : path;
  const anchor = anchorOf(text, format);
  const separator = separatorOf(format);
  const parts = text.slice(anchor.length).split(separator);
  const isShare = anchor.startsWith('\\\\') && !anchor.endsWith('\\');
  return {
    anchor: isShare ? `${anchor}\\` : anchor,
    parts: parts.filter((part) => part !== '' && part !== '.'),
  };
}

function anchorOf(path: string, format: PathFormat): string {
  if (format === 'WINDOWS') return /^(?:\\\\[^\\]+\\[^\\]+\\?|[A-Za-z]:\\?|\\+)/.exec(path)?.[0] ?? '';
  return /^\/\/(?!\/)/.test(path) ? '//' : path.startsWith('/') ? '/' : '';
}

const separatorOf = (format: PathFormat): string => (format === 'WINDOWS' ? '\\' : '/');

export function joinPath({ anchor, parts }: SplitPath, format: PathFormat): string {
  if (isUri(`${anchor}/`)) return [anchor, ...parts].join('/');
  return anchor + parts.join(separatorOf(format)) || '.';
}

/** Without `.`, doubled separators and the last one. URIs stay as they are. */
export const tidyPath = (path: string, format: PathFormat): string =>
  isUri(path) ? path : joinPath(splitPath(path, format), format);

export const isAbsolute = (path: string, format: PathFormat): boolean =>
  isUri(path) || (format === 'WINDOWS' ? /^(?:[A-Za-z]:[\\/]|[\\/]{2}[^\\/])/ : /^\//).test(path);

/** A path below another; one that begins at a root begins anew. */
export function appendPath(base: string, added: string, format: PathFormat): string {
  if (isUri(added)) return added;
  if (isUri(base)) return added.startsWith('/') ? added : `${base}${base.endsWith('/') ? '' : '/'}${added}`;
  if (format === 'POSIX') {
    return added.startsWith('/') || base === '' ? added : `${base}${base.endsWith('/') ? '' : '/'}${added}`;
  }
  const right = added.replaceAll('/', '\\');
  const drive = /^[A-Za-z]:|^\\\\[^\\]+\\[^\\]+/;
  const [own, other] = [drive.exec(base)?.[0] ?? '', drive.exec(right)?.[0] ?? ''];
  if (other !== '' && other.toLowerCase() !== own.toLowerCase()) return right;
  const rest = right.slice(other.length);
  if (rest.startsWith('\\')) return own + rest;
  return `${base}${/[\\]$/.test(base) || base === own ? '' : '\\'}${rest}`;
}

/** A name before and from its last dot: `b.tar` and `.gz`; a name that begins with its only dot has no suffix. */
export function splitName(name: string): { stem: string; suffix: string } {
  const dot = name.lastIndexOf('.');
  if (dot <= 0 || dot === name.length - 1 || /^\.*$/.test(name.slice(0, dot)))
    return { stem: name, suffix: '' };
  return { stem: name.slice(0, dot), suffix: name.slice(dot) };
}

/** Every suffix of a name, in order. */
export function suffixesOf(name: string): string[] {
  if (name.endsWith('.')) return [];
  const [, ...rest] = name.replace(/^\.+/, '').split('.');
  return rest.map((part) => `.${part}`);
}

/** The number put where the name has one: `%04d`, `####`, digits at the end; else after `_`, four wide. */
export function withNumber(stem: string, number: bigint): string {
  const fill = (width: number): string => {
    const digits = String(number < 0n ? -number : number);
    return number < 0n ? `-${digits.padStart(width - 1, '0')}` : digits.padStart(width, '0');
  };
  const printf = /%(?:0(\d{0,3}))?d$/.exec(stem);
  if (printf) return stem.slice(0, printf.index) + fill(Number(printf[1] ?? '0'));
  const end = stem.lastIndexOf('#') + 1;
  if (end > 0) {
    let start = end;
    while (start > 0 && stem[start - 1] === '#') start -= 1;
    return stem.slice(0, start) + fill(end - start) + stem.slice(end);
  }
  const digits = /\d+$/.exec(stem);
  if (digits) return stem.slice(0, digits.index) + fill(digits[0].length);
  return `${stem}_${fill(4)}`;
}
