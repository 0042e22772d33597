/** Under which keys records and what the registry shows are found. A name has no space in it. */
import type { IndexName } from '@pipl/packl';

export const taskKey = (index: IndexName, name: string): string => `${index} ${name}`;
/** What {@link taskKey} put together. */
export function taskOfKey(key: string): { readonly index: IndexName; readonly name: string } {
  const at = key.indexOf(' ');
  return { index: key.slice(0, at) as IndexName, name: key.slice(at + 1) };
}
export const versionKey = (index: IndexName, name: string, version: string): string =>
  `${index} ${name}@${version}`;
export const tagKey = (index: IndexName, name: string, tag: string): string => `${index} ${name} ${tag}`;
export const wokenKey = (wave: string, seq: number): string => `${wave} ${seq}`;
export const heldKey = (table: 'rows' | 'tags' | 'indexes', key: string): string => `${table} ${key}`;
