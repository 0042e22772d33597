/**
 * A project as it stands when tests begin with it, made once for all of them and copied for each: to be made and
 * published to costs more than most tests. The first one is made by real commands; what is copied is all of its folder.
 * A copy is a project of its own: another id, another place, another port.
 */
import { createHash, randomUUID } from 'node:crypto';
import { cp, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../registry/test/free-port.ts';

export interface Prepared {
  /** what it is made of: the same text stands for the same project */
  readonly of: string;
  /** below a folder that goes when the sources change */
  readonly beside: string;
  /** Fills the folder with a project in `gen` whose server does not run. */
  make(folder: string): Promise<void>;
}

/** @param to a folder that is there */
export async function copyPrepared({ of, beside, make }: Prepared, to: string): Promise<void> {
  const kept = `${beside}-projects`;
  const first = join(kept, createHash('sha256').update(of).digest('hex').slice(0, 16));
  if ((await stat(first).catch(() => undefined)) === undefined) {
    const own = `${first}.${randomUUID()}`;
    await mkdir(own, { recursive: true });
    await make(own);
    // Somebody else may have been quicker: theirs is as good.
    await rename(own, first).catch(() => rm(own, { recursive: true }));
  }
  await utimes(kept, new Date(), new Date());
  await cp(first, to, { recursive: true });
  await becomeAnother(join(to, 'gen'));
}

async function becomeAnother(project: string): Promise<void> {
  const id = randomUUID();
  await change(join(project, '.pipl'), { id });
  await change(join(project, 'workspaces', '.workarea'), { project_id: id, project_path: project });
  await change(join(project, 'system', 'server.json'), { port: await freePort() });
}

async function change(file: string, fields: object): Promise<void> {
  const written = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...written, ...fields }, undefined, 2));
}
