/** JSON Patch (RFC 6902) between two JSON values, as small as a packl's history needs it: add, remove, replace. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: Json }
  | { readonly op: 'remove'; readonly path: string };

type JsonObject = { readonly [key: string]: Json | undefined };

/** The operations that turn `before` into `after`. An array that differs is replaced whole. */
export function difference(before: Json | undefined, after: Json | undefined, path = ''): PatchOperation[] {
  if (before === undefined) return after === undefined ? [] : [{ op: 'add', path, value: after }];
  if (after === undefined) return [{ op: 'remove', path }];
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => difference(before[key], after[key], `${path}/${escaped(key)}`));
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ op: 'replace', path, value: after }];
}

/** @param document not changed @throws TypeError when an operation does not fit */
export function applied(document: Json, operations: readonly PatchOperation[]): Json {
  return operations.reduce(applyOne, document);
}

function applyOne(document: Json, operation: PatchOperation): Json {
  if (operation.path === '') {
    if (operation.op === 'remove') throw new TypeError('The whole document cannot be removed.');
    return operation.value;
  }
  return changed(document, operation.path.slice(1).split('/').map(unescaped), operation);
}

function changed(value: Json, [key, ...rest]: readonly string[], operation: PatchOperation): Json {
  if (!isObject(value) || key === undefined) throw new TypeError(`${operation.path} does not exist.`);
  if (operation.op !== 'add' && !(key in value)) throw new TypeError(`${operation.path} does not exist.`);
  if (rest.length > 0) return { ...value, [key]: changed(value[key] ?? null, rest, operation) };
  if (operation.op !== 'remove') return { ...value, [key]: operation.value };
  const { [key]: _gone, ...kept } = value;
  return kept;
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
const unescaped = (key: string): string => key.replaceAll('~1', '/').replaceAll('~0', '~');
