/**
 * What must hold of a project whose server was killed, whatever it did meanwhile: its feed has no gap and says
 * nothing twice, its database and its content agree, and when it is stopped nobody is left who works for it.
 *
 * Each count must be 0. What waves made is compared by those who know what they should have made.
 */
import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Change } from '@pipl/packl';
import { fsckProject, stopServer, type Project } from '@pipl/project';
import type { RegistryClient } from '@pipl/registry-client';

export interface Aftermath {
  /** seqs that the feed passes over */
  readonly gaps: number;
  /** versions, runs and ends of waves that the feed tells again */
  readonly toldTwice: number;
  /** what `fsck` finds, every byte read */
  readonly unsound: number;
  /** processes that work for the project though its server was stopped and nothing is to be done */
  readonly leftOver: number;
}

/** Milliseconds that a runner with nothing to do may take to end. */
const patience = 10_000;

/** The project must be at rest. Its server is stopped. */
export async function aftermath(
  project: Project,
  client: RegistryClient,
  serverCommand: readonly string[],
): Promise<Aftermath> {
  const feed = await wholeFeed(client);
  const { findings } = await fsckProject(
    project,
    { readData: true },
    { serverCommand, note: () => undefined },
  );
  await stopServer(project);
  return {
    gaps: feed.filter(({ seq }, at) => at > 0 && seq !== feed[at - 1]!.seq + 1).length,
    toldTwice: toldTwice(feed),
    unsound: findings.length,
    leftOver: (await untilNobody(project.path)).length,
  };
}

export async function wholeFeed(client: RegistryClient): Promise<Change[]> {
  const seen: Change[] = [];
  for (let since = 0; ;) {
    const { changes, through } = await client.changes({ since, limit: 1_000 });
    if (changes.length === 0) return seen;
    seen.push(...changes);
    since = through ?? changes.at(-1)!.seq;
  }
}

/** What a line says once and for all; undefined: it may be said again. */
function saying({ op, index, name, version, run, wave }: Change): string | undefined {
  if (op === 'publish') return `${index} ${name}@${version}`;
  if (op === 'run') return `run ${run}`;
  return op === 'settled' ? `wave ${wave?.id}` : undefined;
}

function toldTwice(feed: readonly Change[]): number {
  const said = feed.flatMap((change) => saying(change) ?? []);
  return said.length - new Set(said).size;
}

/** Pids that stand in the folder or have a file of it open. */
async function processesIn(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const busy = await Promise.all(
    pids.map(async (pid) => {
      const files = await readdir(join('/proc', pid, 'fd')).catch(() => []);
      const links = ['cwd', ...files.map((fd) => join('fd', fd))];
      const targets = await Promise.all(
        // Processes end and close files while they are looked at.
        links.map((link) => readlink(join('/proc', pid, link)).catch(() => '')),
      );
      return targets.some((target) => target === folder || target.startsWith(`${folder}/`));
    }),
  );
  return pids.filter((_, at) => busy[at]);
}

async function untilNobody(folder: string): Promise<string[]> {
  for (const end = Date.now() + patience; ;) {
    const left = await processesIn(folder);
    if (left.length === 0 || Date.now() > end) return left;
    await sleep(50);
  }
}
