/**
 * The power fails while four publish: the project lies on a file system of its own (ext4 in a file), which is
 * shut down without its journal being written out, mounted again, and asked for everything that was acknowledged.
 * Needs root, loop devices, mkfs.ext4 and perl (which makes the one ioctl).
 */
import { execa } from 'execa';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { account, publishUntilGone, startServer, type Lost, type Memory, type Server } from './publishing.ts';

const roundsAProject = 25;
/** FS_IOC_SHUTDOWN with "do not write out the journal": what was not flushed is gone. */
const shutDown =
  'open(my $d, "<", $ARGV[0]) or die $!; my $f = pack("I", 2); print "ready\\n"; <STDIN>; ioctl($d, 0x8004587d, $f) or die $!';

/** @returns why rounds cannot be run here */
export async function powerLossImpossible(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'it needs root, to mount a file system';
  const folder = await mkdtemp(join(tmpdir(), 'pipl-soak-power-'));
  try {
    await (await disk(folder)).remove();
    return undefined;
  } catch (error) {
    return `no file system can be made and mounted here: ${(error as Error).message.split('\n')[0] ?? ''}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param lost is counted up */
export async function powerLossRounds(rounds: number, lost: Lost): Promise<number> {
  let publishes = 0;
  for (let done = 0; done < rounds; done += roundsAProject) {
    publishes += await oneDisk(Math.min(roundsAProject, rounds - done), lost);
  }
  return publishes;
}

async function disk(folder: string) {
  const image = join(folder, 'image');
  const at = join(folder, 'disk');
  await mkdir(at);
  await execa('truncate', ['-s', '512M', image]);
  await execa('mkfs.ext4', ['-qF', image]);
  const mount = () => execa('mount', ['-o', 'loop', image, at]);
  await mount();
  await writeFile(join(at, 'marker'), '');
  return {
    at,
    /** Everything is ready, so that the loss itself takes no time. */
    async arm() {
      const cutting = execa('perl', ['-e', `$| = 1; ${shutDown}`, join(at, 'marker')]);
      await once(cutting.stdout, 'data');
      return async () => {
        cutting.stdin.end('\n');
        await cutting;
      };
    },
    async again() {
      await execa('umount', [at]);
      await mount();
    },
    remove: () => execa('umount', [at]),
  };
}

async function oneDisk(rounds: number, lost: Lost): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'pipl-soak-power-'));
  const { at, arm, again, remove } = await disk(folder);
  const dataDir = join(at, 'project');
  const memory: Memory = { acknowledged: new Map(), underWay: [] };
  let server: Server | undefined;
  try {
    server = await startServer(dataDir, { quiet: true });
    for (let round = 0; round < rounds; round += 1) {
      const lose = await arm();
      memory.dark = false;
      const { client } = server;
      const publishing = [1, 2, 3, 4].map((n) => publishUntilGone(client, `${round}-${n}`, memory));
      await sleep(20 + Math.random() * 200);
      memory.dark = true;
      await lose();
      await server.kill();
      await Promise.all(publishing);
      await again();
      server = await startServer(dataDir, { quiet: true });
      await account(server, { memory, lost, dataDir });
    }
    return memory.acknowledged.size;
  } catch (error) {
    lost.starts += 1;
    console.error(error);
    return memory.acknowledged.size;
  } finally {
    await server?.kill();
    await remove();
    await rm(folder, { recursive: true, force: true });
  }
}
