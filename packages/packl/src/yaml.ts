/**
 * As much YAML as a lock file holds, written as pnpm writes it: nested maps of strings, numbers and booleans;
 * `resolution`, `engines` and lists in one line; keys sorted where the order means nothing to a reader.
 * It only writes. Every scalar that YAML could read as something else than a string is quoted.
 */
const inOneLine = new Set(['resolution', 'engines']);
/** Starts with nothing that means something to YAML, and holds nothing that ends a scalar in a map or a list. */
const plain = /^[^\s\-?:,[\]{}#&*!|=>'"%@`](?:[^\s,[\]{}:#]|:(?=\S)| (?=[^\s#])|(?<=\S)#)*$/;
/** What YAML 1.1 or 1.2 reads as a number, date, time, boolean or nothing. */
const notText =
  /^(?:[+.]?\d[\d_]*(?:\.[\d_]*)?(?:e[-+]?\d+)?|0[box].*|[\d:]+(?:\.\d*)?|\d{4}-\d\d?-\d\d?.*|\.inf|\.nan|\.\.\.|~|true|false|null|yes|no|on|off|y|n)$/i;

/** @param depth how far the whole text is indented, two spaces each */
export function yamlBlock(map: object, depth = 0): string {
  const indent = '  '.repeat(depth);
  const lines = Object.entries(map).flatMap(([key, value]) => {
    if (value === undefined || isEmptySection(key, value)) return [];
    const name = `${indent}${scalar(key)}:`;
    if (!isMap(value) || inOneLine.has(key)) return [`${name} ${inline(value)}\n`];
    const inner = yamlBlock(value, depth + 1);
    return [inner === '' ? `${name} {}\n` : `${name}\n${inner}`];
  });
  return lines.join('');
}

const isMap = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isEmptySection = (key: string, value: unknown): boolean =>
  key.endsWith('ependencies') && isMap(value) && Object.keys(value).length === 0;

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (isMap(value)) {
    return `{${Object.entries(value)
      .map(([key, one]) => `${scalar(key)}: ${inline(one)}`)
      .join(', ')}}`;
  }
  return typeof value === 'string' ? scalar(value) : JSON.stringify(value);
}

function scalar(text: string): string {
  if (plain.test(text) && !notText.test(text)) return text;
  // Line breaks and the like (a deprecation message may hold them) fit only between double quotes.
  return /\p{Cc}/u.test(text) ? JSON.stringify(text) : `'${text.replaceAll("'", "''")}'`;
}
