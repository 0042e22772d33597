/**
 * A manifest as far as discovery reads it, checked by hand: `@pipl/pipe` brings no validator along. The whole manifest
 * is checked where packls are made and published.
 */
import { entryKinds, type Manifest, piplError } from '@pipl/packl';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isEntry = (value: unknown): boolean =>
  typeof value === 'string' && /^[^#\s]+#[A-Za-z_$][\w$]*$/.test(value);

/** @throws PIPL_MANIFEST with every problem */
export function checkedManifest(json: unknown, where: string): Manifest {
  const problems = isObject(json) ? problemsOf(json['pipl']) : ['the file: is no object'];
  if (problems.length === 0) return json as Manifest;
  throw piplError('invalid', 'PIPL_MANIFEST', {
    what: `${where} is not the manifest of a packl.`,
    why: problems.join('; '),
    hint: 'Mend these fields and publish it again.',
    problems,
  });
}

function problemsOf(field: unknown): string[] {
  if (!isObject(field)) return ['pipl: is no object'];
  const entries = entryKinds.flatMap((kind) =>
    each(field, kind, (value) => isEntry(value), 'must look like ./module#Name'),
  );
  const config = each(
    field,
    'config',
    (value) => isEntry(value) || isObject(value),
    'must be an object, or ./module#NAME',
  );
  return [...entries, ...config];
}

function each(
  field: Record<string, unknown>,
  key: string,
  holds: (value: unknown) => boolean,
  problem: string,
): string[] {
  const record = field[key];
  if (record === undefined) return [];
  if (!isObject(record)) return [`pipl.${key}: is no object`];
  return Object.entries(record).flatMap(([name, value]) =>
    holds(value) ? [] : [`pipl.${key}.${name}: ${problem}`],
  );
}
