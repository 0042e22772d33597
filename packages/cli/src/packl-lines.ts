/** A packl as people read it: what it is, what it holds and asks for, which versions there are. Pure. */
import type { Manifest } from '@pipl/packl';
import type { RegistryClient } from '@pipl/registry-client';
import { bytes } from './sizes.ts';

type Rows = Awaited<ReturnType<RegistryClient['rows']>>['rows'];

const mostVersions = 8;

/** @param rows every version of it that is shown; absent for a folder */
export function packlLines(manifest: Manifest, rows?: Rows): string[] {
  const { name, version, dependencies = {}, pipl } = manifest;
  const type = pipl?.kind === 'task' || pipl?.kind === 'product' ? pipl.type : undefined;
  const kind = pipl?.kind ?? 'npm package';
  const row = rows?.find((one) => one.version === version);
  return [
    `${name}@${version}  ${kind}${type === undefined ? '' : ` of ${type}`}`,
    ...(manifest['description'] === undefined ? [] : [`  ${String(manifest['description'])}`]),
    ...line('assets', assetsOf(manifest)),
    ...line('inputs', slotsOf(pipl?.kind === 'task' ? pipl.inputs : undefined)),
    ...line('makes', slotsOf(pipl?.kind === 'task' ? pipl.products : undefined)),
    ...line(
      'asks for',
      Object.entries(dependencies).map(([one, range]) => `${one} ${range}`),
    ),
    ...(rows === undefined ? [] : line('versions', versionsOf(rows))),
    ...(row?.deprecated === undefined ? [] : line('deprecated', [row.deprecated])),
  ];
}

/** The first beside its word, the others below it. */
const line = (word: string, all: readonly string[]): string[] =>
  all.map((text, at) => `  ${(at === 0 ? word : '').padEnd(10)} ${text}`);

const assetsOf = ({ pipl }: Manifest): string[] =>
  pipl?.kind !== 'product'
    ? []
    : Object.entries(pipl.assets ?? {}).map(([name, { type, kind, size, basename, frames }]) => {
        const what = frames === undefined ? kind : `${frames.length} frames`;
        return `${name}: ${basename}, ${type}, ${what}, ${bytes(size)}`;
      });

const slotsOf = (slots: Readonly<Record<string, string | readonly string[]>> | undefined): string[] =>
  Object.entries(slots ?? {}).map(([slot, names]) => `${slot}: ${[names].flat().join(', ')}`);

function versionsOf(rows: Rows): string[] {
  const newest = rows.toReversed().map(({ version, index, withdrawn, deprecated }) => {
    const said = [withdrawn === true ? 'withdrawn' : '', deprecated === undefined ? '' : 'deprecated'].filter(
      Boolean,
    );
    return `${version} in ${index}${said.length === 0 ? '' : ` (${said.join(', ')})`}`;
  });
  const more = newest.length - mostVersions;
  return more <= 0 ? newest : [...newest.slice(0, mostVersions), `and ${more} older`];
}
