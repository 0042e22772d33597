/**
 * A product that a run will make, as far as it can be known before: its name, its version and what it depends on.
 * Its content is unlike any other, its integrity says that there is none yet.
 */
import type { Change, IndexName, Manifest, Pin, Row, TaskField } from '@pipl/packl';
import { productOf } from '@pipl/packl';
import type { State } from './types.ts';
import { versionKey } from './types.ts';

interface Maker {
  readonly attempt: string;
  readonly index: IndexName;
  readonly task: Pick<Pin, 'name' | 'version'>;
  readonly field?: TaskField;
  readonly codeLock: { readonly dependencies: Readonly<Record<string, string>> };
}

const mark = 'yet-to-be-made:';

export const isYetToBeMade = (integrity: string): boolean => integrity.startsWith(mark);

/** @param before the version that is there now */
export function rowYetToBeMade(
  { attempt, index, task, field, codeLock }: Maker,
  { name, version }: Pick<Pin, 'name' | 'version'>,
  before: Row | undefined,
): Row {
  const known = before === undefined ? undefined : productOf(before.manifest);
  const asks = before?.manifest.dependencies ?? typeOf(field);
  const dependencies = Object.entries(asks).map(([of, range]) => {
    const installed = codeLock.dependencies[of];
    return [of, installed === undefined ? range : `^${installed}`];
  });
  const manifest: Manifest = {
    name,
    version,
    dependencies: Object.fromEntries(dependencies) as Record<string, string>,
    pipl: {
      kind: 'product',
      type: known?.type ?? `${task.name}#Product`,
      assets: known?.assets ?? {},
      metadata: { ...known?.metadata, [mark]: `${attempt} ${name}` },
    },
  };
  return { index, name, version, integrity: `${mark}${attempt}`, manifest };
}

/** Most packls that declare a task's type declare those of its products too. */
function typeOf(field: TaskField | undefined): Record<string, string> {
  const packl = /^(@[^/]+\/[^/#]+|[^/#]+)/.exec(field?.type ?? '')?.[0];
  return packl === undefined ? {} : { [packl]: '*' };
}

/** How a row comes that may stand there already. */
export const opOf = (
  { projection }: State,
  op: 'publish' | 'promote',
  { index, name, version }: Row,
): Change['op'] => {
  const there = projection.rows.get(name)?.has(versionKey(index, name, version));
  return op === 'publish' && there === true ? 'overwrite' : op;
};
