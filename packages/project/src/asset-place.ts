/** Where the assets of a packl live: the project's own store, another folder, or the store that an installed packl brings. */
import { join } from 'node:path';
import { type AssetPlace, choosePlace, folderPlace, startStore } from '@pipl/pipe/asset-place';
import { codeEnvironment } from './pipe-step.ts';
import type { Project } from './project-file.ts';
import { beforeWriting } from './watched.ts';
import { graphHere } from './workspace-graph.ts';

/**
 * Opens it for one piece of work, and closes it after.
 * @param folder of the packl @throws PIPL_MANIFEST, PIPL_STORE naming the packl; PIPL_REMOTE_PROJECT
 */
export async function withAssetPlace<T>(
  { project, folder }: { readonly project: Project; readonly folder: string },
  work: (place: AssetPlace) => Promise<T>,
): Promise<T> {
  const around = await graphHere({ from: folder, env: {} });
  // A project on another machine has no folder here: only a store that is code can be used then.
  const choice = choosePlace(around?.graph, () => join(project.system, 'assets'));
  if (choice.is === 'folder' || around === undefined) {
    return work(
      toldFirst(folderPlace(choice.is === 'folder' ? choice.root : join(project.system, 'assets'))),
    );
  }
  const place = startStore({
    by: choice.by,
    node: process.execPath,
    from: [choice.dir, folder],
    cwd: folder,
    env: await codeEnvironment(around),
  });
  try {
    return await work(toldFirst(place));
  } finally {
    await place.dispose();
  }
}

const toldFirst = (place: AssetPlace): AssetPlace => ({
  ...place,
  put(content) {
    beforeWriting(`store the asset ${content.asset} of ${content.product.name}`);
    return place.put(content);
  },
});
