/**
 * The floor of publishing: for each publish the same bytes written to a file, fsync, rename, fsync of the
 * folder, and one commit of SQLite with `synchronous=FULL` of a row with the document that was sent, without its
 * tarball: what ours keeps of it, in one table without an index. Nothing else: no HTTP, no JSON, no checks.
 */
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Publication } from './bodies.ts';

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync();
  await handle.close();
}

export type Floor = Awaited<ReturnType<typeof openFloor>>;

export async function openFloor(dir: string) {
  const temporary = join(dir, 'tmp');
  const contents = join(dir, 'contents');
  await mkdir(temporary, { recursive: true });
  await mkdir(contents, { recursive: true });
  const db = new DatabaseSync(join(dir, 'floor.sqlite'));
  db.exec(
    'pragma journal_mode = wal; pragma synchronous = full; create table versions (name text, manifest text)',
  );
  const insert = db.prepare('insert into versions values (?, ?)');
  let count = 0;
  const publish = async ({ name, tarball, document }: Publication) => {
    const file = `${count++}`;
    const handle = await open(join(temporary, file), 'wx');
    await handle.writeFile(tarball);
    await handle.sync();
    await handle.close();
    await rename(join(temporary, file), join(contents, file));
    await syncFolder(contents);
    db.exec('begin');
    insert.run(name, document.slice(0, document.indexOf('"_attachments"')));
    db.exec('commit');
  };
  return {
    /** @returns publishes a second, with so many at the same time */
    async rate(publications: readonly Publication[], atOnce: number): Promise<number> {
      const left = [...publications];
      const began = performance.now();
      await Promise.all(
        Array.from({ length: atOnce }, async () => {
          for (let next = left.shift(); next !== undefined; next = left.shift()) await publish(next);
        }),
      );
      return publications.length / ((performance.now() - began) / 1000);
    },
    close: () => db.close(),
  };
}
