/** The server is killed with -9 at random moments while four publish, and started again. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { account, publishUntilGone, startServer, type Lost, type Memory, type Server } from './publishing.ts';

/** Rounds on one project: everything is asked for after each, so the rounds of an old one take longer. */
const roundsAProject = 25;
const publishers = [1, 2, 3, 4] as const;

export interface Kills {
  readonly kills: number;
  readonly publishes: number;
}

/** @param lost is counted up */
export async function killRounds(rounds: number, lost: Lost): Promise<Kills> {
  let done = 0;
  let publishes = 0;
  while (done < rounds) {
    const now = Math.min(roundsAProject, rounds - done);
    publishes += await oneProject(now, lost);
    done += now;
  }
  return { kills: done, publishes };
}

async function oneProject(rounds: number, lost: Lost): Promise<number> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pipl-soak-registry-'));
  const memory: Memory = { acknowledged: new Map(), underWay: [] };
  try {
    let server = await startServer(dataDir);
    for (let round = 0; round < rounds; round += 1) {
      await killWhilePublishing(server, memory, round);
      try {
        server = await startServer(dataDir);
      } catch {
        lost.starts += 1;
        return memory.acknowledged.size;
      }
      await account(server, { memory, lost, dataDir });
    }
    await server.kill();
    return memory.acknowledged.size;
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Half of the kills come soon, when the first publishes are in the middle of something; the others any time. */
async function killWhilePublishing(server: Server, memory: Memory, round: number): Promise<void> {
  const publishing = publishers.map((n) => publishUntilGone(server.client, `${round}-${n}`, memory));
  await sleep(Math.random() * (round % 2 === 0 ? 20 : 150));
  await server.kill();
  await Promise.all(publishing);
}
