/** Which packls of a workspace a release of the whole workspace holds: those whose version nobody published yet. */
import { join } from 'node:path';
import { type IndexName, piplError } from '@pipl/packl';
import type { RegistryClient } from '@pipl/registry-client';
import { exists } from './places.ts';
import { packlsIn } from './workspace-packls.ts';

/**
 * Folders of packls as they are; the folder of a workspace becomes those of its packls that are to be published.
 * @throws PIPL_NOTHING_TO_PUBLISH (exit 3)
 */
export async function releaseFolders(
  client: RegistryClient,
  { folders, index }: { folders: readonly string[]; index: IndexName },
): Promise<readonly string[]> {
  const all: string[] = [];
  for (const folder of folders) {
    const isWorkspace = await exists(join(folder, '.workspace'));
    all.push(...(isWorkspace ? await unpublishedIn(client, { workspace: folder, index }) : [folder]));
  }
  return all;
}

async function unpublishedIn(
  client: RegistryClient,
  { workspace, index }: { workspace: string; index: IndexName },
): Promise<string[]> {
  const packls = await packlsIn(workspace);
  const finished = packls.filter(({ version }) => !/-wip\b/.test(version));
  const fresh: string[] = [];
  for (const { folder, name, version } of finished) {
    const { rows } = await client.rows(index, name);
    if (!rows.some((row) => row.name === name && row.version === version)) fresh.push(folder);
  }
  if (fresh.length > 0) return fresh;
  throw piplError('notFound', 'PIPL_NOTHING_TO_PUBLISH', {
    what: 'There is nothing to publish in this workspace.',
    why:
      finished.length === 0
        ? `${workspace} has no packl with a finished version.`
        : `${index} has ${finished.map(({ name, version }) => `${name}@${version}`).join(', ')} already.`,
    hint: 'Say what changed and make versions of it: pipl packl change minor -m WHY && pipl packl version',
  });
}
