/**
 * Provenance for what a run has made: the server signs it, the runner packs it. Nothing here has a key, so neither
 * has a job that runs as the same user.
 */
import { text } from 'node:stream/consumers';
import type { AssetStore } from '@pipl/assets';
import { PiplError, productOf, type Manifest, type ReportedRun, type Ticket } from '@pipl/packl';
import type { Envelope, MadePoint, RegistryClient } from '@pipl/registry-client';
import { withPatience } from './patience.ts';
import type { RunProgress } from './progress.ts';
import type { Provenance } from './provenance.ts';

export interface Attesting {
  readonly ticket: Ticket;
  readonly client: Pick<RegistryClient, 'attest'>;
  /** of the project: content that a packl's store keeps is named by its digest alone */
  readonly store: Pick<AssetStore, 'has' | 'read'>;
  readonly signal: AbortSignal;
  readonly progress: Pick<RunProgress, 'log' | 'status'>;
  readonly facts: Provenance;
  /** that ran: what later runs may take of this one */
  readonly points?: readonly MadePoint[];
}

/** Characters: a request of more is not taken; a tree without its list is still named by its digest. */
const mostOfTrees = 6 * 1024 * 1024;

/**
 * By name of the product; none from a registry that reacts to nothing, as it knows nothing of runs.
 * @throws PIPL_SERVER_UNREACHABLE when the server stayed away; what it refuses with
 */
export async function attestProducts(
  { ticket, client, store, signal, progress, facts, points = [] }: Attesting,
  products: readonly Manifest[],
): Promise<Readonly<Record<string, Envelope>>> {
  if (products.length === 0) return {};
  const made = {
    products,
    trees: await treesOf(store, products),
    reported: reportOf(facts, progress),
    ...(points.length === 0 ? {} : { points }),
  };
  const onPause = ({ message }: { message: string }) => progress.log({ event: 'waiting', text: message });
  try {
    return await withPatience(() => client.attest(ticket.attempt, made), { signal, onPause });
  } catch (error) {
    if (!(error instanceof PiplError) || error.code !== 'PIPL_NO_ROUTE') throw error;
    progress.log({ event: 'no-provenance', text: 'This server gives no provenance.' });
    return {};
  }
}

const reportOf = (
  { parameters, template, node, platform, reused }: Provenance,
  { status }: Pick<RunProgress, 'status'>,
): ReportedRun => ({
  startedOn: status.startedAt,
  parameters,
  template: template ?? '',
  node,
  platform,
  ...(reused === undefined ? {} : { reused }),
});

async function treesOf(
  store: Attesting['store'],
  products: readonly Manifest[],
): Promise<Record<string, string>> {
  const trees: Record<string, string> = {};
  let size = 0;
  const assets = products.flatMap((manifest) => Object.values(productOf(manifest)?.assets ?? {}));
  for (const { kind, digest } of assets) {
    if (kind === 'file' || digest in trees || !(await store.has(digest))) continue;
    const tree = await text(await store.read(digest));
    size += tree.length;
    if (size > mostOfTrees) break;
    trees[digest] = tree;
  }
  return trees;
}
