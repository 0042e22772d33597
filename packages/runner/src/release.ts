/**
 * Publishes what a run made: all of it as one release, in the name of the attempt.
 *
 * The registry answers a second release of the same attempt like the first, so an answer that got lost is asked
 * for again.
 */
import type { Manifest, RunOutcome, Ticket } from '@pipl/packl';
import type { RegistryClient } from '@pipl/registry-client';
import { withPatience } from './patience.ts';
import { packProduct } from './products.ts';
import type { RunProgress } from './progress.ts';

export interface Publishing {
  readonly ticket: Ticket;
  readonly client: Pick<RegistryClient, 'release'>;
  readonly signal: AbortSignal;
  readonly progress: Pick<RunProgress, 'log'>;
}

/** @throws PIPL_SERVER_UNREACHABLE when the registry stayed away; what it refuses with */
export async function releaseProducts(
  { ticket, client, signal, progress }: Publishing,
  products: readonly { readonly manifest: Manifest }[],
): Promise<RunOutcome> {
  const packls = await Promise.all(products.map(({ manifest }) => packProduct(manifest)));
  const { published, unchanged } = await withPatience(
    () => client.release({ index: ticket.index, packls, run: ticket.attempt }),
    { signal, onPause: ({ message }) => void progress.log({ event: 'waiting', text: message }) },
  );
  return { published: published.map(({ name, version }) => ({ name, version })), unchanged };
}
