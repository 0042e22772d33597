/** Unpacks an npm tarball into a folder that nobody else writes to. Refusals are those of `tarball.ts`. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { badTarball } from './bad-tarball.ts';
import { tarballFiles } from './tarball.ts';
import { tarballLimits, type TarballLimits } from './tarball-entries.ts';

/**
 * @param dir made when it is not there; must be empty, so that nothing in it (a link, say) can lead a write astray
 * @throws PIPL_TARBALL; what was written until then stays, the caller removes `dir`
 */
export async function unpackTarball(
  tarball: Uint8Array,
  dir: string,
  limits: TarballLimits = tarballLimits,
): Promise<void> {
  await mkdir(dir, { recursive: true });
  if ((await readdir(dir)).length > 0) throw badTarball(`${dir} is not empty.`);
  const folders = new Set<string>([dir]);
  for await (const { path, executable, data } of tarballFiles(tarball, limits)) {
    const file = join(dir, path);
    if (!folders.has(dirname(file))) {
      await mkdir(dirname(file), { recursive: true });
      folders.add(dirname(file));
    }
    await writeFile(file, data, { flag: 'wx', mode: executable ? 0o755 : 0o644 });
  }
}
