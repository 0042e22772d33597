/**
 * What the points of runs have made, in SQL: asked for before a run works, kept when it has its products attested.
 *
 * A point is shared only among runs of one task type in one code lock: both are taken from the ticket, so a job that
 * got hold of its run's token can lay nothing under the key of other code. And what it lays there counts only when its
 * run has ended well, and published that content. Who may not read the index of a run gets nothing of it.
 */
import { canonicalJson, piplError, productOf, shortHash, type IndexName, type Ticket } from '@pipl/packl';
import type { KnownPoint, MadePoint } from '@pipl/registry-client';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { State } from '../step/index.ts';
import type { CiTables } from '../tables.ts';
import type { Contents } from './contents.ts';

const Output = z.strictObject({
  slot: z.string().max(64),
  asset: z.string().max(64),
  name: z
    .string()
    .max(255)
    .regex(/^[^/\\\0]+$/),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.number().int().nonnegative(),
});
export const PointKey = z.string().regex(/^[0-9a-f]{32}$/);
export const MadePoints = z
  .array(z.strictObject({ key: PointKey, outputs: z.array(Output).max(100) }))
  .max(100_000);
const Keys = z.object({ keys: z.array(PointKey).max(5_000) });

const scopeOf = ({ codeLock, field }: Ticket): string =>
  shortHash(canonicalJson(['points', codeLock.hash, field.type]));

/** Fewer than any database takes in one question. */
const atOnce = 500;

export interface PointsAsked {
  readonly ticket: Ticket;
  readonly body: unknown;
  readonly mayRead: (index: IndexName) => boolean;
  /** did that run publish this content? */
  readonly holds: (point: KnownPoint) => Promise<boolean>;
}

/**
 * Whether the run that says it made a point has ended well, with products that hold its files: what a run says
 * before its release binds nobody.
 */
export const heldBy =
  ({ records, projection }: State, contents: Pick<Contents, 'files'>): PointsAsked['holds'] =>
  async ({ attempt, outputs }) => {
    const run = records.runs.get(attempt);
    if (run === undefined || (run.state !== 'succeeded' && run.state !== 'unchanged')) return false;
    const results = [...(run.outcome?.published ?? []), ...(run.outcome?.unchanged ?? [])];
    for (const { slot, asset, digest } of outputs) {
      const product = run.products.find((one) => one.slot === slot)?.name;
      const result = results.find((one) => one.name === product);
      const rows = [...(projection.rows.get(product ?? '')?.values() ?? [])];
      const row = rows.find(({ version }) => version === result?.version);
      if (row?.withdrawn === true) return false;
      const tree = row && productOf(row.manifest)?.assets[asset]?.digest;
      if (tree === undefined || (await contents.files(tree)).get(digest) === undefined) return false;
    }
    return true;
  };

/** @throws PIPL_BODY */
export async function knownPoints(
  db: Kysely<CiTables>,
  { ticket, body, mayRead, holds }: PointsAsked,
): Promise<KnownPoint[]> {
  const asked = Keys.safeParse(body);
  if (!asked.success) throw badKeys();
  const { keys } = asked.data;
  const found: KnownPoint[] = [];
  for (let from = 0; from < keys.length; from += atOnce) {
    const rows = await db
      .selectFrom('ci_points')
      .select(['key', 'attempt', 'outputs', 'index_name'])
      .where('scope', '=', scopeOf(ticket))
      .where('key', 'in', keys.slice(from, from + atOnce))
      .execute();
    for (const { key, attempt, outputs, index_name: index } of rows) {
      if (!mayRead(index as IndexName)) continue;
      const point = { key, attempt, outputs: JSON.parse(outputs) as KnownPoint['outputs'] };
      if (await holds(point)) found.push(point);
    }
  }
  return found;
}

/** @param contents digests of the files that the run's products hold */
export async function keepPoints(
  db: Kysely<CiTables>,
  {
    ticket,
    points,
    contents,
    at,
  }: { ticket: Ticket; points: readonly MadePoint[]; contents: ReadonlySet<string>; at: string },
): Promise<void> {
  const slots = new Set(ticket.products.map(({ slot }) => slot));
  const own = points.filter(({ outputs }) =>
    outputs.every(({ slot, digest }) => slots.has(slot) && contents.has(digest)),
  );
  if (own.length === 0) return;
  await db.transaction().execute(async (tx) => {
    for (let from = 0; from < own.length; from += atOnce) {
      const rows = own.slice(from, from + atOnce).map(({ key, outputs }) => ({
        scope: scopeOf(ticket),
        key,
        index_name: ticket.index,
        attempt: ticket.attempt,
        outputs: JSON.stringify(outputs),
        at,
      }));
      // The newest counts: the content of an older one may have been collected.
      await tx
        .insertInto('ci_points')
        .values(rows)
        .onConflict((conflict) =>
          conflict.columns(['scope', 'key']).doUpdateSet((excluded) => ({
            index_name: excluded.ref('excluded.index_name'),
            attempt: excluded.ref('excluded.attempt'),
            outputs: excluded.ref('excluded.outputs'),
            at: excluded.ref('excluded.at'),
          })),
        )
        .execute();
    }
  });
}

const badKeys = () =>
  piplError('usage', 'PIPL_BODY', {
    what: 'The question names no points.',
    why: 'keys must be a list of at most 5,000 hashes.',
    hint: 'Is the runner of another version than the server?',
  });
