/**
 * `--plain`: data for `cut`, `awk` and spreadsheets. One line a thing, columns with a tab between them, no header.
 *
 * A list gives a line for each of its things, its columns in the order of the schema (`pipl schema COMMAND`), empty
 * where something is absent; one thing gives a line for each of its keys: the key, its value. What is itself a list or
 * has keys is JSON; a tab, a line break or a backslash inside a text is written \\t, \\n, \\\\.
 */
import { documentSchema } from './outputs/table.ts';

interface Shape {
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly anyOf?: readonly Shape[];
}

/** @param command its words @returns what writes its data so */
export function plainFor(command: string): (data: unknown) => string[] {
  const [success] = (documentSchema(command) as Shape | undefined)?.anyOf ?? [];
  const data = (success?.properties?.['data'] ?? {}) as Shape;
  const all = [data, ...(data.anyOf ?? [])];
  const columns = {
    ofThings: keysOf(
      all.flatMap(({ items }) => (items === undefined ? [] : [items, ...(items.anyOf ?? [])])),
    ),
    ofOne: keysOf(all),
  };
  return (said) => plainLines(said, columns);
}

const keysOf = (shapes: readonly Shape[]): string[] => [
  ...new Set(shapes.flatMap(({ properties = {} }) => Object.keys(properties))),
];

interface Columns {
  readonly ofThings: readonly string[];
  readonly ofOne: readonly string[];
}

/** Pure. Keys that no schema names come last. */
export function plainLines(data: unknown, { ofThings, ofOne }: Columns): string[] {
  if (Array.isArray(data)) {
    const things = data.filter(isThing);
    const columns = [...new Set([...ofThings, ...things.flatMap((thing) => Object.keys(thing))])];
    return data.map((thing) =>
      isThing(thing) ? columns.map((column) => cell(thing[column])).join('\t') : cell(thing),
    );
  }
  if (!isThing(data)) return [cell(data)];
  const keys = [...new Set([...ofOne, ...Object.keys(data)])];
  return keys.filter((key) => data[key] !== undefined).map((key) => `${cell(key)}\t${cell(data[key])}`);
}

const isThing = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value.replaceAll(/[\\\t\n\r]/g, (found) => escapes[found]!);
  return JSON.stringify(value);
}
