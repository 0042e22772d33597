/**
 * Kills a project's server with -9 again and again and starts it anew: at random moments while it serves, and now and
 * then the next one too while that is starting, which is when it takes up what the last one left.
 *
 * A kill counts when the server had answered and the wave had not ended. Runners outlive all of it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { PiplError } from '@pipl/packl';
import { runningServer, startServer, type Project } from '@pipl/project';

export interface Kills {
  /** of servers that answered */
  readonly serving: number;
  /** of servers that did not answer yet, besides */
  readonly starting: number;
}

export interface KillOptions {
  readonly project: Project;
  readonly serverCommand: readonly string[];
  /** kills of servers that answered */
  readonly most: number;
  /** milliseconds that a server lives, at most, or as long as its start took; as likely less */
  readonly longestLife: number;
}

/** of all starts, those that are killed on the way */
const killedStarts = 0.25;
/** Milliseconds after which a wave is stuck, on a busy machine too. */
const longestWave = 900_000;

/**
 * Kills until `wave` is over, or there were enough kills. When this returns, the server is up.
 * @param begin calls back when the change is published: from then on there is a wave
 * @throws what the wave throws; Error when it is stuck or the server cannot be started
 */
export async function whileKilling<Wave>(
  options: KillOptions,
  begin: (onPublished: () => void) => Promise<Wave>,
): Promise<{ readonly wave: Wave; readonly kills: Kills }> {
  const over = new AbortController();
  const broken = Promise.withResolvers<never>();
  const stuck = setTimeout(() => broken.reject(new Error('The wave does not come to its end.')), longestWave);
  let kills: Promise<Kills> = Promise.resolve({ serving: 0, starting: 0 });
  try {
    const begun = begin(() => {
      kills = killAll(options, over.signal);
      kills.catch(broken.reject);
    });
    const wave = await Promise.race([begun, broken.promise]);
    over.abort();
    return { wave, kills: await kills };
  } finally {
    over.abort();
    clearTimeout(stuck);
  }
}

async function killAll(options: KillOptions, signal: AbortSignal): Promise<Kills> {
  let [serving, starting] = [0, 0];
  /** milliseconds that the last start took */
  let start = 500;
  while (serving < options.most) {
    // Where starts take long everything does: a server that hardly lives moves nothing on, and kills find nothing new.
    const longest = Math.max(options.longestLife, start);
    await sleep(Math.random() * longest, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    await killServer(options.project);
    serving += 1;
    if (Math.random() < killedStarts) {
      await killStarting(options, Math.random() * start);
      starting += 1;
    }
    start = await startAgain(options);
  }
  return { serving, starting };
}

/** A machine with much else to do may be too slow for a start: that is no loss. @returns milliseconds that it took */
async function startAgain(options: KillOptions): Promise<number> {
  for (;;) {
    const began = performance.now();
    try {
      await startServer(options.project, options);
      return performance.now() - began;
    } catch (error) {
      if (!(error instanceof PiplError) || error.code !== 'PIPL_SERVER_SLOW') throw error;
      process.stderr.write(`${error.message} Once more.\n`);
    }
  }
}

/** Returns when its process is gone. */
async function killServer(project: Project): Promise<void> {
  const running = await runningServer(project);
  if (running === undefined) throw new Error('There is no server to be killed: it ended by itself.');
  process.kill(running.pid, 'SIGKILL');
  while ((await runningServer(project))?.pid === running.pid) await sleep(2);
}

/** Its lock and its port are free when this returns. @param after milliseconds */
async function killStarting({ project, serverCommand }: KillOptions, after: number): Promise<void> {
  const [file, ...args] = serverCommand;
  const child = spawn(file!, [...args, '--project', project.path], { detached: true, stdio: 'ignore' });
  const ended = once(child, 'exit');
  await sleep(after);
  child.kill('SIGKILL');
  await ended;
}
