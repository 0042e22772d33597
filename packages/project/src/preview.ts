/**
 * What would follow from a publish, a promotion, another run of a task: asked of the server, which plays it with
 * its own step and writes nothing.
 *
 * A publish is also tried there, all of it, as a real one would be: a dry run that succeeds is refused later only
 * for what changed meanwhile.
 */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type IndexName, parseSpec, piplError } from '@pipl/packl';
import type { Gate, IndexView, Plan, PlanRequest, RegistryClient } from '@pipl/registry-client';
import { valid } from 'semver';
import { chooseVersion } from './packument.ts';
import type { Project } from './project-file.ts';
import { asPlanned, type Packed, preparePublish, type Publish, type PublishPlan } from './publish.ts';

/** Another index that inherits nothing of it yet: what it takes to get there, and what would follow then. */
export interface Onward {
  readonly index: IndexName;
  readonly gate?: Gate;
  /** handlers that would bring it there */
  readonly handlers: readonly string[];
  readonly plan: Plan;
}

export interface Preview {
  readonly plan: Plan;
  readonly onward: readonly Onward[];
}

export type Assumed = Pick<PlanRequest, 'unchanged' | 'fails'>;

/** @throws as `publish`, and what the server would refuse with */
export async function planPublish(
  client: RegistryClient,
  options: Publish & Assumed,
): Promise<PublishPlan & Preview> {
  const { index, packls } = await preparePublish(client, options);
  await client.release({ index, packls, dryRun: true });
  const arriving = { packls: packls.map(asArrival), ...assumedOf(options) };
  return { index, packls: packls.map(asPlanned), ...(await preview(client, index, arriving)) };
}

const asArrival = ({ manifest, integrity, lock }: Packed) => ({
  manifest,
  integrity,
  ...(lock === undefined ? {} : { thirdParty: lock }),
});

const assumedOf = ({ unchanged, fails }: Assumed): Assumed => ({
  ...(unchanged === undefined ? {} : { unchanged }),
  ...(fails === undefined ? {} : { fails }),
});

async function preview(
  client: RegistryClient,
  index: IndexName,
  arriving: Omit<PlanRequest, 'index'>,
): Promise<Preview> {
  const plan = await client.plan({ index, ...arriving });
  const indexes = await client.indexes();
  const onward: Onward[] = [];
  for (const base of basesOf(index, indexes)) {
    const { gate, handlers = [] } = indexes.find(({ name }) => name === base)!;
    const there = await client.plan({ index: base, ...arriving });
    if (gate === undefined && there.runs.length === 0) continue;
    const mine = handlers.filter(({ from }) => from === index).map(({ handler }) => handler);
    onward.push({ index: base, ...(gate === undefined ? {} : { gate }), handlers: mine, plan: there });
  }
  return { plan, onward };
}

/** Nearest first; what mirrors npm takes nothing. */
function basesOf(index: IndexName, indexes: readonly IndexView[]): IndexName[] {
  const found = new Set<IndexName>();
  const visit = (name: IndexName): void => {
    const view = indexes.find((one) => one.name === name);
    for (const base of view?.bases ?? []) {
      const isMirror = indexes.find((one) => one.name === base)?.mirror !== undefined;
      if (isMirror || found.has(base)) continue;
      found.add(base);
      visit(base);
    }
  };
  visit(index);
  return [...found];
}

export interface PlanAsk extends Assumed {
  readonly project: Project;
  /** folders of packls that would be published, versions that would be promoted; relative to `from` */
  readonly things: readonly string[];
  readonly from: string;
  readonly tasks: readonly string[];
  readonly to?: IndexName | undefined;
}

/**
 * What would follow from publishing these folders, promoting these versions, running these tasks again.
 * @throws PIPL_USAGE (exit 2) for folders and versions at once; as {@link planPublish}; PIPL_TASK_UNKNOWN (3)
 */
export async function planAhead(
  client: RegistryClient,
  ask: PlanAsk,
): Promise<Preview & { index: IndexName }> {
  const index = ask.to ?? ask.project.defaultIndex;
  const folders: string[] = [];
  const specs: string[] = [];
  for (const thing of ask.things) {
    if (await isPackl(resolve(ask.from, thing))) folders.push(resolve(ask.from, thing));
    else specs.push(thing);
  }
  if (folders.length > 0 && specs.length + ask.tasks.length > 0) throw mixed();
  if (folders.length > 0) {
    const { plan, onward } = await planPublish(client, {
      project: ask.project,
      folders,
      to: index,
      ...assumedOf(ask),
    });
    return { index, plan, onward };
  }
  const promote = await Promise.all(specs.map((spec) => versionOf(client, index, spec)));
  const asked = { promote, tasks: ask.tasks, ...assumedOf(ask) };
  return { index, plan: await client.plan({ index, ...asked }), onward: [] };
}

const isPackl = (folder: string): Promise<boolean> =>
  stat(join(folder, 'package.json')).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return false;
      throw error;
    },
  );

async function versionOf(client: RegistryClient, index: IndexName, spec: string) {
  const { name, range } = parseSpec(spec);
  if (range !== undefined && valid(range) === range) return { name, version: range };
  const { manifest } = await chooseVersion(client, { index, name, range });
  return { name, version: manifest.version };
}

const mixed = () =>
  piplError('usage', 'PIPL_USAGE', {
    what: 'A plan is about one thing.',
    why: 'Folders would be published as one release; versions and tasks are there already.',
    hint: 'Ask for the folders alone, then for the others.',
  });
