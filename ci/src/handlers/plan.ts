/**
 * What a handler would run for a change, with every input pinned. Pure: a view and the change in, tickets out.
 *
 * QA of a task is the task; QA of a product is the product's own checks and every task of the view that would read
 * it; QA of anything else is its checks. What runs downstream of those tasks is not tried: their products are not
 * there to be read.
 */
import {
  inputNames,
  inputsOf,
  noTask,
  pick,
  pinPrevious,
  reserve,
  resolveTask,
  runKeyOf,
  taskOf,
  type Change,
  type HandlerWork,
  type Missing,
  type Row,
  type RunLock,
  type Ticket,
  type View,
} from '@pipl/packl';
import type { Declared, Plan, Template } from './types.ts';

export interface PlanRequest {
  readonly declared: Declared;
  readonly change: Change;
  /** what the change is about; undefined when it is about no version, or it is gone */
  readonly row: Row | undefined;
  readonly view: View;
  /** for a handler that names one of the project; absent: it is not there */
  readonly template?: Template;
}

export function planHandling(request: PlanRequest): Plan {
  const { declared } = request;
  try {
    return { declared, parts: partsOf(request) };
  } catch (error) {
    if (error instanceof NotPlanned) return { declared, parts: [], problem: error.message };
    throw error;
  }
}

class NotPlanned extends Error {}

function partsOf(request: PlanRequest): Plan['parts'] {
  const { declared, row, change } = request;
  const { handler } = declared;
  switch (handler.kind) {
    case 'qa':
      if (row === undefined) throw new NotPlanned(`${change.name}@${change.version} is gone.`);
      return qaParts(request, row);
    case 'command': {
      const argv = handler.command.map((text) => filled(text, change));
      return [programPart(request, { is: 'command', argv })];
    }
    case 'job':
      return [jobPart(request)];
    case 'module': {
      const [specifier = '', name = ''] = handler.module.split('#');
      const work = { is: 'module', specifier, export: name, options: handler.options ?? {} } as const;
      return [programPart(request, work, packlIn(request, specifier))];
    }
  }
}

function qaParts(request: PlanRequest, row: Row): Plan['parts'] {
  const { view } = request;
  const lock = lockOf(view, row);
  if (taskOf(row.manifest) !== undefined) return [taskPart(request, row, lock)];
  const subject = {
    of: `${row.name}@${row.version}`,
    ticket: ticketFor(request, { row, lock, work: { is: 'checks' } }),
  };
  return [subject, ...readersOf(view, row).map(({ task, lock: its }) => taskPart(request, task, its))];
}

/** The tasks whose inputs this very version is, in the view. */
function readersOf(view: View, { name, version }: Row): { task: Row; lock: RunLock }[] {
  return [...view.names()].flatMap((one) => {
    const task = pick(view, one, '*');
    const field = task === undefined ? undefined : taskOf(task.manifest);
    if (task === undefined || field === undefined || !inputNames(field).includes(name)) return [];
    const resolution = resolveTask(view, task);
    // A task that has not all its inputs does not run here; that is no fault of this version.
    return resolution.ok && resolution.lock.direct[name] === version ? [{ task, lock: resolution.lock }] : [];
  });
}

function lockOf(view: View, row: Row): RunLock {
  const resolution = resolveTask(view, row);
  if (resolution.ok) return resolution.lock;
  throw new NotPlanned(`Nothing satisfies ${resolution.missing.map(askText).join(', ')}.`);
}

const askText = ({ name, range, from }: Missing): string =>
  `${name}${range === '' ? '' : ` ${range}`} (asked for by ${from})`;

function taskPart(request: PlanRequest, row: Row, lock: RunLock): Plan['parts'][number] {
  const field = taskOf(row.manifest)!;
  const { view } = request;
  const products = Object.entries(field.products).map(([slot, name]) => {
    const used = view.versions(name).map(({ version }) => version);
    return { slot, name, version: reserve({ used, now: lock }) };
  });
  const previous = pinPrevious(view, field);
  const ticket = ticketFor(request, { row, lock, work: { is: 'task' } });
  const timeout = ticket.timeout ?? field.policy?.timeout;
  return {
    of: `${row.name}@${row.version}`,
    ticket: {
      ...ticket,
      field,
      inputs: inputsOf(row, lock),
      ...(previous === undefined ? {} : { previous }),
      products,
      ...(timeout === undefined ? {} : { timeout }),
    },
  };
}

interface TicketParts {
  readonly row: Row;
  readonly lock: Pick<RunLock, 'hash' | 'codeLock'>;
  readonly work: HandlerWork;
}

/** Its attempt is given when it is submitted. */
function ticketFor({ declared, change }: PlanRequest, { row, lock, work }: TicketParts): Ticket {
  const { handler, index, name } = declared;
  const { name: packl, version, integrity } = row;
  const isProduct = row.manifest.pipl?.kind === 'product' && row.withdrawn !== true;
  const subject = { slot: 'subject', name: packl, version, integrity };
  const { seq, op, by } = change;
  // What is done for two changes are two runs, also of the same content: the past of the first may be forgotten.
  const parameters = { seq, name, work, of: taskOf(row.manifest)?.parameters ?? {} };
  return {
    runKey: runKeyOf({ purpose: handler.kind, taskIntegrity: integrity, lockHash: lock.hash, parameters }),
    attempt: '',
    purpose: handler.kind,
    index,
    task: { name: packl, version, integrity },
    field: isProduct ? { ...noTask, inputs: { subject: packl } } : noTask,
    inputs: isProduct ? [subject] : [],
    products: [],
    codeLock: { ...lock.codeLock },
    ...(handler.timeout === undefined ? {} : { timeout: handler.timeout }),
    handling: {
      handler: name,
      change: {
        seq,
        op,
        by,
        index: change.index,
        name: change.name,
        version: change.version,
        ...(change.integrity === undefined ? {} : { integrity: change.integrity }),
      },
      work,
    },
  };
}

/** Loads nothing: what `pnpm` is handed for no dependencies at all. */
const nothing = { hash: 'none', codeLock: { hash: 'none', dependencies: {}, lockfile: '' } };

function programPart(request: PlanRequest, work: HandlerWork, packl?: Row): Plan['parts'][number] {
  const { declared, change, row, view } = request;
  const { name, version, integrity = '', index } = change;
  const subject: Row = row ?? { index, name, version, integrity, manifest: { name, version } };
  const lock = packl === undefined ? nothing : lockOf(view, askingFor(packl));
  return { of: declared.name, ticket: ticketFor(request, { row: subject, lock, work }) };
}

/** Somebody who asks for this packl and nothing else: its tree holds the packl itself. */
const askingFor = ({ index, name, version }: Row): Row => ({
  index,
  name: '@pipl/handler',
  version: '0.0.0',
  integrity: '',
  manifest: { name: '@pipl/handler', version: '0.0.0', dependencies: { [name]: version } },
});

function jobPart(request: PlanRequest): Plan['parts'][number] {
  const { declared, change, template } = request;
  const { handler } = declared;
  if (handler.kind !== 'job') throw new TypeError('It is no job.');
  const parameters = Object.fromEntries(
    Object.entries(handler.parameters ?? {}).map(([name, text]) => [name, filled(text, change)]),
  );
  if (handler.template.startsWith('./')) {
    if (template === undefined) throw new NotPlanned(`The project has no file ${handler.template}.`);
    if ('unreadable' in template)
      throw new NotPlanned(`The project's file ${handler.template} cannot be read: ${template.unreadable}`);
    return programPart(request, { is: 'job', template, parameters });
  }
  const { name, version, integrity } = packlIn(request, handler.template);
  const file = handler.template.slice(name.length + 1);
  const work = { is: 'job', template: { packl: { name, version, integrity }, file }, parameters } as const;
  return programPart(request, work, packlIn(request, handler.template));
}

/** The packl that a path begins with, as the view has it. */
function packlIn({ view, declared }: PlanRequest, path: string): Row {
  const [first = '', second = ''] = path.split('/');
  const name = path.startsWith('@') ? `${first}/${second}` : first;
  const row = pick(view, name, '*');
  if (row !== undefined) return row;
  throw new NotPlanned(`${declared.index} has no ${name}.`);
}

/** Every placeholder becomes a part of one argument; what it becomes is not looked at again. */
export const filled = (
  text: string,
  { name, version, index, op, seq, by, integrity = '' }: Change,
): string => {
  const values: Readonly<Record<string, string>> = {
    name,
    version,
    index,
    op,
    seq: String(seq),
    by,
    integrity,
  };
  return text.replaceAll(/\{(\w+)\}/g, (written, word: string) => values[word] ?? written);
};
