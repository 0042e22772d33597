/**
 * `pipl-step`, asked from a workspace: the one process that loads the code of packls. It answers with JSON on the last
 * line of its stdout, or refuses with an ErrorBody on the last line of its stderr.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { errorFromBody, piplError } from '@pipl/packl';
import { folderOf } from '@pipl/pipe/discovery';
import { execa } from 'execa';
import { environmentHere, withEnvsets } from './environment.ts';
import { anyProject } from './places.ts';
import { withoutPackageManager } from './pnpm.ts';
import type { AroundHere } from './workspace-graph.ts';

type Around = Pick<AroundHere, 'packl' | 'graph'>;

/** The framework that a packl, or one that it stands on, has; undefined where none is installed. */
export function installedStep({ packl, graph }: Around): string | undefined {
  const pipe = folderOf('@pipl/pipe', [packl, ...graph.packls.map(({ dir }) => dir).toReversed()]);
  const step = pipe === undefined ? undefined : join(pipe, 'dist', 'pipl-step.js');
  return step !== undefined && existsSync(step) ? step : undefined;
}

/** @throws PIPL_NOT_INSTALLED */
export function pipeStep(around: Around): string {
  const { packl } = around;
  const step = installedStep(around);
  if (step !== undefined) return step;
  throw piplError('notFound', 'PIPL_NOT_INSTALLED', {
    what: `@pipl/pipe is not installed in ${packl}.`,
    why: 'It is what loads the code of packls.',
    hint: 'Install what the packl needs: pipl work sync, or pipl packl add NAME.',
  });
}

/** What code of packls runs in: the person's environment, the envsets on top, and where it stands. */
export async function codeEnvironment({ packl, workspace }: AroundHere): Promise<NodeJS.ProcessEnv> {
  const own = withoutPackageManager();
  const found = await environmentHere({ from: packl, env: {}, path: own['PATH'] ?? '' });
  const project = await anyProject({ from: packl, env: {} });
  const assets =
    project === undefined || project.url !== undefined ? {} : { PIPL_ASSETS: join(project.system, 'assets') };
  return {
    ...(found === undefined ? own : withEnvsets(own, found.composed)),
    ...assets,
    PIPL_PACKL: packl,
    ...(workspace === undefined ? {} : { PIPL_WORKSPACE: workspace }),
  };
}

/** @throws what `pipl-step` refuses with; PIPL_NOT_INSTALLED, PIPL_STEP_OLD where it is too old to know, PIPL_STEP */
export async function askStep<T>(around: AroundHere, args: readonly string[]): Promise<T> {
  const env = await codeEnvironment(around);
  const asked = await execa(process.execPath, [pipeStep(around), ...args], {
    cwd: around.packl,
    env,
    extendEnv: false,
    reject: false,
  });
  // Code of a packl may have printed before.
  if (!asked.failed) return JSON.parse(asked.stdout.trim().split('\n').at(-1) ?? '') as T;
  if (asked.exitCode === 1 && /^openjd_fail: pipl-step was called wrongly\./m.test(asked.stdout))
    throw tooOld(args);
  throw refusalOf(asked.stderr, args);
}

const tooOld = ([verb = '']: readonly string[]) =>
  piplError('invalid', 'PIPL_STEP_OLD', {
    what: `The @pipl/pipe that is installed here is too old to be asked for ${verb}.`,
    why: 'Its pipl-step does not know the word.',
    hint: 'Publish the newer framework: pipl proj upgrade; then take it: pipl work update',
  });

function refusalOf(stderr: string, args: readonly string[]) {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  try {
    const told = errorFromBody(JSON.parse(last));
    if (told !== undefined) return told;
  } catch {
    // It ended before it could say anything in our form.
  }
  return piplError('invalid', 'PIPL_STEP', {
    what: `pipl-step ${args[0]} did not answer.`,
    why: last === '' ? 'It ended without a word.' : last,
    hint: `Does the code of the packls load? pipl work exec -- node -e "import('NAME')" says more.`,
  });
}
