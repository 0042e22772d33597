/**
 * Publishes what a run made: all of it as one release, in the name of the attempt.
 *
 * The registry answers a second release of the same attempt like the first, so an answer that got lost is asked
 * for again.
 */
import type { Manifest, RunOutcome } from '@pipl/packl';
import type { RegistryClient } from '@pipl/registry-client';
import { attestProducts, type Attesting } from './attest.ts';
import { keepPackl, type PacklSource } from './packls.ts';
import { withPatience } from './patience.ts';
import { packProduct } from './products.ts';

export interface Publishing extends Attesting {
  readonly client: Pick<RegistryClient, 'attest' | 'release'>;
  readonly source: Pick<PacklSource, 'cache'>;
}

/** @throws PIPL_SERVER_UNREACHABLE when the registry stayed away; what it refuses with */
export async function releaseProducts(
  publishing: Publishing,
  products: readonly { readonly manifest: Manifest }[],
): Promise<RunOutcome> {
  const { ticket, client, signal, progress } = publishing;
  const manifests = products.map(({ manifest }) => manifest);
  const envelopes = await attestProducts(publishing, manifests);
  const packls = await Promise.all(
    manifests.map((manifest) => packProduct(manifest, envelopes[manifest.name])),
  );
  const { published, unchanged } = await withPatience(
    () => client.release({ index: ticket.index, packls, run: ticket.attempt }),
    { signal, onPause: ({ message }) => progress.log({ event: 'waiting', text: message }) },
  );
  const cache = publishing.source.cache;
  const kept = packls.filter(({ manifest: { name } }) => published.some((one) => one.name === name));
  await Promise.all(
    kept.map(({ manifest, integrity, files }) =>
      keepPackl({ name: manifest.name, version: manifest.version, integrity }, { files, manifest, cache }),
    ),
  );
  return { published: published.map(({ name, version }) => ({ name, version })), unchanged };
}
