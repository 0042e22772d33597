/** Four publish the same version at the same moment, each with another content: two as pipl does, two as npm does. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PiplError } from '@pipl/packl';
import { integrityOf, type RegistryClient, type ReleasePackl } from '@pipl/registry-client';
import { index, packl, startServer } from './publishing.ts';

export interface RaceLost {
  /** races with no winner, or with several */
  winners: number;
  /** versions whose tarball is not the winner's */
  mismatches: number;
}

/** @param lost is counted up */
export async function races(count: number, lost: RaceLost): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pipl-soak-races-'));
  const server = await startServer(dataDir);
  try {
    for (let race = 0; race < count; race += 1) await oneRace(server.client, `race-${race}`, lost);
  } finally {
    await server.kill();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function oneRace(client: RegistryClient, name: string, lost: RaceLost): Promise<void> {
  const rivals = await Promise.all([1, 2, 3, 4].map((n) => packl(name, '1.0.0', `${name} of ${n}`)));
  const won = await Promise.all(
    rivals.map((one, at) => (at % 2 === 0 ? viaRelease(client, one) : viaNpm(client, one))),
  );
  const winners = rivals.filter((_one, at) => won[at]);
  if (winners.length !== 1) lost.winners += 1;
  const served = await client.tarball(index, name, '1.0.0').then(integrityOf, () => 'none');
  const { rows } = await client.rows(index, name);
  const same = rows.length === 1 && rows[0]?.integrity === served && winners[0]?.integrity === served;
  if (!same) lost.mismatches += 1;
}

async function viaRelease(client: RegistryClient, one: ReleasePackl): Promise<boolean> {
  try {
    await client.release({ index, packls: [one] });
    return true;
  } catch (error) {
    if (error instanceof PiplError && error.code === 'PIPL_VERSION_TAKEN') return false;
    throw error;
  }
}

async function viaNpm({ url, token }: RegistryClient, one: ReleasePackl): Promise<boolean> {
  const { name, version } = one.manifest;
  const file = `${name}-${version}.tgz`;
  const dist = { integrity: one.integrity, tarball: `${url}/${index}/${name}/-/${file}` };
  const response = await fetch(`${url}/${index}/${name}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token ?? ''}` },
    body: JSON.stringify({
      _id: name,
      name,
      'dist-tags': { latest: version },
      versions: { [version]: { ...one.manifest, dist } },
      _attachments: {
        [file]: {
          content_type: 'application/octet-stream',
          data: Buffer.from(one.tarball).toString('base64'),
          length: one.tarball.length,
        },
      },
    }),
  });
  const answer = await response.text();
  if (response.ok) return true;
  if (response.status === 409 || response.status === 403) return false;
  throw new Error(`a race was answered with ${response.status}: ${answer}`);
}
