/** `openjd run`: a job, a step, or some tasks of it, in a session on this machine. */
import { StepDependencyGraph } from '@pipl/openjd-model';
import type { EnvironmentTemplate, Job, Step } from '@pipl/openjd-model';
import { readRulesFile } from '@pipl/openjd-sessions';
import type { PathMappingRule } from '@pipl/openjd-sessions';
import type { Arguments } from './arguments.ts';
import { jobHelp } from './job-help.ts';
import { inlineJson } from './job-parameters.ts';
import { runLocalSession, type SessionResult, type StepWork } from './local-session.ts';
import { makeJob, type MadeJob } from './make-job.ts';
import type { Surroundings } from './perform.ts';
import { CommandFault, isOnPurpose, type Report } from './report.ts';
import { RunLog } from './run-log.ts';
import { taskOfArguments, tasksOfArgument, tasksOfStep } from './task-values.ts';
import {
  allowedExtensions,
  readEnvironmentTemplate,
  readJobTemplate,
  readText,
  type TemplateFile,
} from './template-file.ts';
import type { TimestampFormat } from './timestamps.ts';

interface Prepared extends MadeJob {
  readonly selected: Step | undefined;
  readonly steps: readonly StepWork[];
}

export async function run(given: Arguments, around: Surroundings): Promise<Report> {
  const { cwd } = around;
  const extensions = allowedExtensions(given.values('--extensions'));
  const environmentTemplates = given
    .values('--environment')
    .map((path) => readEnvironmentTemplate({ path, cwd, extensions }));
  const pathMappingRules = rulesOf(given.value('--path-mapping-rules'), cwd);
  const file = { path: given.path!, cwd, extensions };
  const prepared = withHelp(file, () => prepare(given, { ...file, environmentTemplates }));
  const began = performance.now();
  const log = new RunLog({
    format: (given.value('--timestamp-format') ?? 'relative') as TimestampFormat,
    write: around.write,
  });
  const result = await runLocalSession({
    ...prepared,
    externalEnvironments: environmentTemplates.length,
    pathMappingRules,
    retainWorkingDir: given.has('--preserve'),
    verbose: given.has('--verbose'),
    log,
    stops: around.stops,
  });
  const seconds = Math.round((performance.now() - began) * 1000) / 1_000_000;
  return resultReport(prepared, { ...result, seconds, log, preserved: given.has('--preserve') });
}

interface Preparing extends TemplateFile {
  readonly environmentTemplates: readonly EnvironmentTemplate[];
}

function prepare(given: Arguments, file: Preparing): Prepared {
  const made = makeJob({ ...file, parameters: given.values('--job-param') });
  const selected = selectedStep(made.job, given);
  const tasks = given.has('--task-param')
    ? [taskOfArguments(given.values('--task-param'))]
    : given.has('--tasks')
      ? tasksOfArgument(given.value('--tasks')!, file.cwd)
      : undefined;
  const most = Number(given.value('--maximum-tasks') ?? -1);
  const chosen: StepWork[] = selected
    ? [
        {
          step: selected,
          ...(tasks && tasks.length > 0 ? { tasks: tasksOfStep(selected, tasks) } : {}),
          ...(most > 0 ? { maximumTasks: most } : {}),
        },
      ]
    : [];
  return { ...made, selected, steps: [...stepsBefore(made.job, selected, given), ...chosen] };
}

/** The step that was named, or the only one. */
function selectedStep({ steps }: Job, given: Arguments): Step | undefined {
  const name = given.value('--step');
  if (name !== undefined) {
    const found = steps.find((step) => step.name === name);
    if (found) return found;
    throw new CommandFault('missing', `No Step with name '${name}' is defined in the given Job Template.`);
  }
  if (steps.length === 1) return steps[0];
  if (!given.has('--task-param') && !given.has('--tasks')) return undefined;
  const names = steps.map((step) => `'${step.name}'`).join(', ');
  throw new CommandFault(
    'usage',
    `Providing task parameters requires a specified step or a job with a single step.\n${steps.length} steps: [${names}].`,
  );
}

/** All steps when none was chosen; else those the chosen one depends on, if asked for. */
function stepsBefore(job: Job, selected: Step | undefined, given: Arguments): StepWork[] {
  const graph = new StepDependencyGraph(job);
  const order = graph.topologicalOrder();
  if (!selected) return order.map((step) => ({ step }));
  if (!given.has('--run-dependencies')) return [];
  const needed = new Set<Step>();
  const left = graph.dependenciesOf(selected.name);
  for (let step = left.pop(); step; step = left.pop()) {
    if (needed.has(step)) continue;
    needed.add(step);
    left.push(...graph.dependenciesOf(step.name));
  }
  return order.filter((step) => needed.has(step)).map((step) => ({ step }));
}

/** @throws CommandFault */
function rulesOf(argument: string | undefined, cwd: string): PathMappingRule[] {
  if (argument === undefined) return [];
  const isFile = argument.startsWith('file://');
  const text = isFile
    ? readText(argument.slice('file://'.length), { cwd, what: 'path mapping file' })
    : argument;
  const rules = inlineJson(text);
  if (rules === undefined) throw new CommandFault('invalid', 'Path mapping rules must be a JSON document');
  return readRulesFile(withUpperFormats(rules));
}

/** The reference takes `posix` for `POSIX`. */
function withUpperFormats(rules: unknown): unknown {
  return JSON.parse(JSON.stringify(rules), (key, value: unknown) =>
    key === 'source_path_format' && typeof value === 'string' ? value.toUpperCase() : value,
  );
}

/** Whoever gave wrong values is shown which ones there are. */
function withHelp<T>(file: TemplateFile, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isOnPurpose(error)) throw error;
    const help = helpOf(file);
    const fault = error instanceof CommandFault ? error.fault : 'invalid';
    throw new CommandFault(fault, help === undefined ? error.message : `${error.message}\n\n${help}`, {
      cause: error,
    });
  }
}

function helpOf(file: TemplateFile): string | undefined {
  try {
    return jobHelp(readJobTemplate(file), file.path);
  } catch (error) {
    // The template itself is what is wrong, and that is being said already.
    if (isOnPurpose(error)) return undefined;
    throw error;
  }
}

interface Ended extends SessionResult {
  readonly seconds: number;
  readonly log: RunLog;
  readonly preserved: boolean;
}

function resultReport({ job, selected }: Prepared, ended: Ended): Report {
  const isError = ended.failure !== undefined;
  const kept = ended.preserved ? `\nWorking directory preserved at: ${ended.workingDirectory}` : '';
  const message =
    (isError ? 'Session ended with errors; see Task logs for details' : 'Session ended successfully') + kept;
  const stepName = isError ? ended.stepName : selected?.name;
  const step = stepName === undefined ? '' : `Step: ${stepName}\n`;
  return {
    status: isError ? 'error' : 'success',
    message,
    ...(isError ? { fault: ended.canceled ? 'interrupted' : 'failed' } : {}),
    fields: {
      job_name: job.name,
      ...(stepName === undefined ? {} : { step_name: stepName }),
      duration: ended.seconds,
      chunks_run: ended.chunksRun,
      ...(ended.log.entries.length > 0 ? { logs: ended.log.entries } : {}),
    },
    text: `\n--- Results of local session ---\n\n${message}\n\nJob: ${job.name}\n${step}Duration: ${ended.seconds} seconds\nChunks run: ${ended.chunksRun}\n`,
  };
}
