/**
 * The environment of a workspace: what the envsets around its packl say, composed exactly as a run composes it, and
 * the programs of its packls first on the PATH.
 *
 * In between a person may be inside Open Job Description environments: what an envset runs when a session begins and
 * ends runs before and after the shell.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import {
  createJob,
  decodeEnvironmentTemplate,
  decodeJobTemplate,
  OpenJdError,
  preprocessJobParameters,
} from '@pipl/openjd-model';
import { runnableExtensions, Session } from '@pipl/openjd-sessions';
import { composeEnvironment, type ComposedEnvironment, piplError } from '@pipl/packl';
import { graphHere, type Looking } from './workspace-graph.ts';

export interface EnvironmentHere {
  readonly composed: ComposedEnvironment;
  /** folder of the packl that is meant */
  readonly packl: string;
}

/** Undefined where no packl is meant. @throws PIPL_MANIFEST, PIPL_ENV_REFERENCE naming the packl that is wrong */
export async function environmentHere(
  looking: Looking & { readonly path: string },
): Promise<EnvironmentHere | undefined> {
  const { path, ...where } = looking;
  const found = await graphHere(where);
  if (found === undefined) return undefined;
  const composed = composeEnvironment(found.graph, { inherited: { PATH: path }, delimiter });
  return { composed, packl: found.packl };
}

/** The variables of a process with those of the envsets; without those that they unset. */
export function withEnvsets(
  env: NodeJS.ProcessEnv,
  { variables, unset }: Pick<ComposedEnvironment, 'variables' | 'unset'>,
): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !unset.includes(name));
  return { ...Object.fromEntries(kept), ...variables };
}

export interface Entered {
  readonly env: NodeJS.ProcessEnv;
  /** Runs what ends them, innermost first. @throws PIPL_ENV_ACTION */
  leave(): Promise<void>;
}

/**
 * Runs what the envsets have run when a session begins.
 * @throws PIPL_ENV_TEMPLATE, PIPL_ENV_ACTION naming the envset
 */
export async function enterEnvsets(
  { templates }: Pick<ComposedEnvironment, 'templates'>,
  { env, say }: { env: NodeJS.ProcessEnv; say: (line: string) => void },
): Promise<Entered> {
  if (templates.length === 0) return { env, leave: async () => undefined };
  const environments = await Promise.all(templates.map(environmentIn));
  const scratch = await mkdtemp(join(tmpdir(), 'pipl-env-'));
  const session = new Session({
    sessionId: 'workspace-',
    jobName: 'workspace',
    jobParameterValues: {},
    sessionRootDirectory: scratch,
    osEnvVars: asChanges(env),
    onLog: ({ content, message }) => {
      if (content === 'COMMAND_OUTPUT' && !message.startsWith('openjd_')) say(message);
    },
  });
  let at = 0;
  const leave = async (): Promise<void> => {
    const wrong: string[] = [];
    for (const identifier of session.environmentsEntered.toReversed()) {
      const { packl } = templates[--at]!;
      const { state } = await session.exitEnvironment({ identifier });
      if (state !== 'SUCCESS') wrong.push(packl);
    }
    await session.cleanup();
    await rm(scratch, { recursive: true, force: true });
    if (wrong.length > 0) throw actionFailed(wrong.join(', '), 'leaving');
  };
  for (const { environment, packl } of environments) {
    at++;
    const { state } = await session.enterEnvironment({ environment });
    if (state === 'SUCCESS') continue;
    await leave().catch(() => undefined);
    throw actionFailed(packl, 'entering');
  }
  return { env: session.environmentVariables, leave };
}

const asChanges = (env: NodeJS.ProcessEnv): Record<string, string | null> => ({
  ...Object.fromEntries(Object.keys(process.env).map((name) => [name, null])),
  ...Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  ),
});

/** An environment template is filled in like that of a job: as one of a job that does nothing. */
async function environmentIn({ packl, dir, file }: ComposedEnvironment['templates'][number]) {
  try {
    const text = await readFile(resolve(dir, file), 'utf8');
    const template = decodeEnvironmentTemplate(text, { supportedExtensions: runnableExtensions });
    const jobTemplate = decodeJobTemplate(nothing);
    const environmentTemplates = [template];
    const jobParameterValues = preprocessJobParameters({
      jobTemplate,
      environmentTemplates,
      values: {},
      jobTemplateDir: dir,
      currentWorkingDir: dir,
    });
    const { jobEnvironments = [] } = createJob({ jobTemplate, environmentTemplates, jobParameterValues });
    return { packl, environment: jobEnvironments[0]! };
  } catch (error) {
    if (!(error instanceof OpenJdError) && (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw piplError('invalid', 'PIPL_ENV_TEMPLATE', {
      what: `The environment template ${file} of ${packl} cannot be used.`,
      why: (error as Error).message,
      hint: `Mend pipl.environment of ${packl}, or the file, and publish it again.`,
      cause: error,
    });
  }
}

const nothing = {
  specificationVersion: 'jobtemplate-2023-09',
  name: 'workspace',
  steps: [{ name: 'nothing', script: { actions: { onRun: { command: 'true' } } } }],
};

const actionFailed = (packl: string, when: 'entering' | 'leaving') =>
  piplError('taskFailed', 'PIPL_ENV_ACTION', {
    what: `${packl} failed ${when} its environment.`,
    why: `Its ${when === 'entering' ? 'onEnter' : 'onExit'} did not end well; what it said is above.`,
    hint: `Mend the environment template of ${packl}.`,
  });
