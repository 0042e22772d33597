/** Text as people count it: an emoji outside the first plane is one character. */

/** True if every character is one UTF-16 unit, as in most texts: then positions are those of the string. */
export const isPlain = (value: string): boolean => !/[\ud800-\udbff]/.test(value);

export function codePoints(value: string): number {
  if (isPlain(value)) return value.length;
  let count = 0;
  for (const _ of value) count += 1;
  return count;
}
