/** Local engines over one folder of runs, with runners that do what their tickets say. */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, identityOf } from '@pipl/openjd-sessions/process-identity';
import { until, type EngineBed } from '../src/conformance.ts';
import { localEngine } from '../src/local.ts';

export const runnerCommand = [process.execPath, join(import.meta.dirname, 'scripted-runner.ts')];
export const runnerConfig = {
  registry: '',
  assets: '',
  trees: '',
  cache: '',
  node: process.execPath,
  pnpm: 'pnpm',
};

const textOf = (file: string) => readFile(file, 'utf8').catch(() => '');

export async function makeBed({ concurrency = 2, isHeld = false } = {}): Promise<
  EngineBed & { runsDir: string }
> {
  const runsDir = await mkdtemp(join(tmpdir(), 'pipl-engine-'));
  const open = () =>
    localEngine({ runsDir, runnerCommand, runnerConfig, concurrency, cancelGrace: 300, isHeld });
  let engine = open();
  const survivors = async (attempt: string) =>
    (await textOf(join(runsDir, attempt, 'pids')))
      .split('\n')
      .flatMap((pid) => (pid !== '' && isAlive(identityOf(Number(pid))) ? [Number(pid)] : []));
  return {
    runsDir,
    concurrency,
    get engine() {
      return engine;
    },
    async restart() {
      await engine.close();
      engine = open();
    },
    starts: async (attempt) => (await textOf(join(runsDir, attempt, 'starts'))).length,
    survivors,
    async killRunner(attempt) {
      const { pid } = JSON.parse(await readFile(join(runsDir, attempt, 'status.json'), 'utf8')) as {
        pid: number;
      };
      const runner = identityOf(pid);
      process.kill(pid, 'SIGKILL');
      await until(
        async () => isAlive(runner),
        (alive) => !alive,
      );
    },
    async [Symbol.asyncDispose]() {
      for (const attempt of (await readdir(runsDir)).filter((name) => !name.startsWith('.'))) {
        await engine.cancel(attempt);
      }
      await engine.close();
      await rm(runsDir, { recursive: true, force: true });
    },
  };
}
