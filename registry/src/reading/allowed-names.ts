/** Which names a mirror may be asked for. Pure. */
import type { IndexView } from '@pipl/registry-client';

/**
 * `*` stands for any part of a name, without a slash in it; `*` alone for every name. Two places are kept instead
 * of a regular expression: the time is at most one length times the other, whatever somebody writes.
 */
export function isLike(name: string, pattern: string): boolean {
  if (pattern === '*') return true;
  let [at, inPattern] = [0, 0];
  let [retryAt, retryIn] = [0, -1];
  while (at < name.length) {
    if (pattern[inPattern] === '*') {
      [retryAt, retryIn] = [at, inPattern];
      inPattern++;
    } else if (pattern[inPattern] === name[at]) {
      at++;
      inPattern++;
    } else if (retryIn >= 0 && name[retryAt] !== '/') {
      // The last star takes one letter more.
      retryAt++;
      [at, inPattern] = [retryAt, retryIn + 1];
    } else return false;
  }
  return /^\**$/.test(pattern.slice(inPattern));
}

export const allows = ({ allow }: Pick<IndexView, 'allow'>, name: string): boolean =>
  allow === undefined || allow.some((pattern) => isLike(name, pattern));
