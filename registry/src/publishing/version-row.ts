/** The row of a version: whether there is one, what can be made of it before its turn has come, and writing it. */
import type { IndexName } from '@pipl/packl';
import type { Keys } from '../signing/keys.ts';
import { signaturesOf } from '../signing/signatures.ts';
import { statement } from '../state/statement.ts';
import type { Queries } from '../state/tables.ts';
import type { Candidate } from './candidate.ts';

/** A transaction keeps everybody else waiting: what takes time is done before it. */
export interface Ready extends Candidate {
  readonly columns: {
    readonly manifest: string;
    readonly third_party: string | null;
    readonly signatures: string;
  };
}

function readyOf(keys: Keys, candidate: Candidate): Ready {
  const { manifest, thirdParty, integrity } = candidate;
  const columns = {
    manifest: JSON.stringify(manifest),
    third_party: thirdParty === undefined ? null : JSON.stringify(thirdParty),
    signatures: signaturesOf(keys, { ...manifest, integrity }),
  };
  return { ...candidate, columns };
}

/** Made while the disk is busy with the content. @throws what `held` does; PIPL_SIGNING_KEY */
export async function readyWhile(
  held: Promise<unknown>,
  keys: Keys,
  candidates: readonly Candidate[],
): Promise<Ready[]> {
  try {
    return candidates.map((one) => readyOf(keys, one));
  } finally {
    await held;
  }
}

interface Which {
  readonly index: IndexName;
  readonly name: string;
  readonly version: string;
}

const taken = statement(['index', 'name', 'version'], (tx, { index, name, version }) =>
  tx
    .selectFrom('registry_versions')
    .select('withdrawn')
    .where('index_name', '=', index)
    .where('name', '=', name)
    .where('version', '=', version),
);

/** undefined: the version is free. A withdrawn one is taken, too. */
export const takenBy = async (tx: Queries, which: Which): Promise<{ withdrawn: number } | undefined> =>
  (await taken(tx, { ...which }))[0];

const keyColumns = ['index_name', 'name', 'version'] as const;
const contentColumns = [
  'seq',
  'integrity',
  'shasum',
  'manifest',
  'third_party',
  'readme',
  'deprecated',
  'withdrawn',
  'published_at',
  'published_by',
  'run',
  'signatures',
] as const;

const write = statement([...keyColumns, ...contentColumns], (tx, row) =>
  tx
    .insertInto('registry_versions')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(keyColumns)
        .doUpdateSet(({ ref }) =>
          Object.fromEntries(contentColumns.map((column) => [column, ref(`excluded.${column}`)])),
        ),
    ),
);

const point = statement(['index', 'name', 'tag', 'version'], (tx, { index, name, tag, version }) =>
  tx
    .insertInto('registry_tags')
    .values({ index_name: index, name, tag, version })
    .onConflict((conflict) => conflict.columns(['index_name', 'name', 'tag']).doUpdateSet({ version })),
);

export interface VersionRow {
  readonly index: IndexName;
  readonly candidate: Ready;
  readonly seq: number;
  readonly tags: readonly string[];
  readonly at: string;
  readonly by: string;
  readonly run: string | undefined;
}

/** Over one that a volatile index had. */
export async function writeRow(
  tx: Queries,
  { index, candidate, seq, tags, at, by, run }: VersionRow,
): Promise<void> {
  const { manifest, integrity, shasum, readme, columns } = candidate;
  const { name, version } = manifest;
  await write(tx, {
    index_name: index,
    name,
    version,
    seq,
    integrity,
    shasum,
    ...columns,
    readme,
    deprecated: null,
    withdrawn: 0,
    published_at: at,
    published_by: by,
    run: run ?? null,
  });
  for (const tag of tags) await point(tx, { index, name, tag, version });
}
