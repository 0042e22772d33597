/**
 * What a task does: its job template, and what its products are made of.
 *
 * A task type in code is asked once (`pipl-step describe`, a process of its own: the runner never loads code of
 * packls), and the answer is kept in the tree, under a hash of type and parameters. A hand-written template is a
 * file of the task's packl, and the task itself says what its products are.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import {
  canonicalJson,
  errorFromBody,
  piplError,
  shortHash,
  type CodeLock,
  type TaskField,
} from '@pipl/packl';
import { lastLines, runCommand, type CommandEnd } from './command.ts';
import type { EarlyNode } from './early-node.ts';

export interface ProductShape {
  readonly type: string;
  /** the packl that declares the type; absent when it is not among the code of the task */
  readonly declaredBy?: { readonly name: string; readonly version: string };
  readonly assets: Readonly<Record<string, { type: string; kind: 'file' | 'folder' | 'sequence' }>>;
}

/** As `perPoint` of a step says it. */
export interface PointsDescription {
  /** the one dimension of the step, integers */
  readonly dimension: string;
  readonly makes: readonly { readonly slot: string; readonly asset: string }[];
  /** parameters */
  readonly ignores: readonly string[];
  readonly reads: readonly { readonly slot: string; readonly asset: string }[];
}

export interface Described {
  /** a job template: an object, or its text in YAML or JSON */
  readonly template: unknown;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly products: Readonly<Record<string, ProductShape>>;
  /** written by hand: parameters, inputs and outputs go in as job parameters */
  readonly byHand: boolean;
  /** steps of which a point can be known from an earlier run */
  readonly points?: Readonly<Record<string, PointsDescription>>;
}

export interface DescribeRequest {
  readonly field: TaskField;
  readonly codeLock: CodeLock;
  /** root of the installed tree */
  readonly tree: string | undefined;
  /** the unpacked task */
  readonly taskDir: string;
  /** for the request, private to the run */
  readonly scratch: string;
  readonly node: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** waits in the environment of the tree; used when code has to be asked */
  readonly early: EarlyNode | undefined;
}

/** @throws PIPL_JOB_FILE, PIPL_NO_CODE, PIPL_DESCRIBE; what the task type says of the parameters */
export const describeTask = (request: DescribeRequest): Promise<Described> =>
  request.field.job === undefined ? describedByCode(request) : describedByHand(request, request.field.job);

async function describedByHand(
  { field, codeLock, taskDir }: DescribeRequest,
  job: string,
): Promise<Described> {
  const file = resolve(taskDir, job);
  if (relative(taskDir, file).startsWith('..')) throw noJobFile(job, 'It is outside the packl.');
  const template = readText(file, job);
  const products = Object.entries(field.makes ?? {}).map(([slot, { type, assets }]) => {
    const name = /^(@[^/]+\/[^/#]+|[^/#]+)/.exec(type)?.[0] ?? '';
    const version = codeLock.dependencies[name];
    return [slot, { type, assets, ...(version === undefined ? {} : { declaredBy: { name, version } }) }];
  });
  return { template, parameters: field.parameters, products: Object.fromEntries(products), byHand: true };
}

function readText(file: string, job: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw noJobFile(job, (error as Error).message);
  }
}

const noJobFile = (job: string, why: string) =>
  piplError('invalid', 'PIPL_JOB_FILE', {
    what: `The job template ${job} of the task cannot be read.`,
    why,
    hint: 'pipl.job names a file of the packl; is it among the files that are published?',
  });

/** A warm runner meets the same types again and again. */
const remembered = new Map<string, Described>();
const mostRemembered = 200;

async function describedByCode(request: DescribeRequest): Promise<Described> {
  const { field, codeLock, tree } = request;
  if (tree === undefined) throw noCode(field.type);
  const key = shortHash(canonicalJson(['describe', codeLock.hash, field.type, field.parameters]));
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const file = join(tree, 'templates', `${key}.json`);
  const described = (await readKept(file)) ?? (await ask({ ...request, tree }, file));
  if (remembered.size >= mostRemembered) remembered.delete(remembered.keys().next().value!);
  remembered.set(key, described);
  return described;
}

async function readKept(file: string): Promise<Described | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Described;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function ask(request: DescribeRequest & { tree: string }, keepIn: string): Promise<Described> {
  const { field, tree, scratch, node, env, signal, early } = request;
  const question = join(scratch, 'describe.json');
  writeFileSync(question, JSON.stringify({ type: field.type, parameters: field.parameters }));
  const bin = join(tree, 'node_modules', '@pipl', 'pipe', 'dist', 'pipl-step.js');
  const args = ['describe', question];
  const end = await (early === undefined
    ? runCommand({ file: node, args: [bin, ...args], cwd: tree, env, signal })
    : early.run({ script: bin, args, cwd: tree }));
  if (end.exitCode !== 0) throw refused(field.type, end);
  const { template, parameters, products, points } = readAnswer(field.type, end.stdout);
  const described: Described = {
    template,
    parameters,
    products,
    byHand: false,
    ...(points === undefined ? {} : { points }),
  };
  mkdirSync(join(tree, 'templates'), { recursive: true });
  const aside = `${keepIn}.${process.pid}.new`;
  writeFileSync(aside, JSON.stringify(described));
  renameSync(aside, keepIn);
  return described;
}

/** Code of a packl may have printed before: the answer is the last line. */
function readAnswer(type: string, stdout: string): Described {
  try {
    const answer = JSON.parse(lastLines(stdout, 1)[0] ?? '') as Described;
    if (typeof answer.template === 'object' && typeof answer.products === 'object') return answer;
  } catch {
    // Told below, with what it said.
  }
  throw describeFailed(type, `It answered: ${stdout.slice(0, 200)}`);
}

function refused(type: string, { exitCode, stderr, problem }: CommandEnd) {
  const [last = ''] = lastLines(stderr, 1);
  try {
    const told = errorFromBody(JSON.parse(last));
    if (told !== undefined) return told;
  } catch {
    // No ErrorBody: the process broke before it could say one.
  }
  const why = problem ?? `It ended with ${exitCode ?? 'a signal'}: ${lastLines(stderr).join(' | ')}`;
  return describeFailed(type, why);
}

const describeFailed = (type: string, why: string) =>
  piplError('invalid', 'PIPL_DESCRIBE', {
    what: `The task type ${type} could not be read.`,
    why,
    hint: 'Does its module load? `pipl packl show --job` does the same here.',
  });

const noCode = (type: string) =>
  piplError('invalid', 'PIPL_NO_CODE', {
    what: `The task has no code, so nothing says what ${type} does.`,
    why: 'Its code lock is empty: it depends on no packl of kind code.',
    hint: 'Add the packl that declares the type to its dependencies, or write a job template (pipl.job).',
  });
