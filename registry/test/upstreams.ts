/** Upstream registries that answer as a test wants them to. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { ReleasePackl } from '@pipl/registry-client';

export async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A registry whose documents name tarballs wherever `at` says. */
export const documentOf = ({ manifest, integrity }: ReleasePackl, at: string) =>
  JSON.stringify({
    name: manifest.name,
    'dist-tags': { latest: manifest.version },
    versions: { [manifest.version]: { ...manifest, dist: { integrity, tarball: `${at}/x.tgz` } } },
  });
