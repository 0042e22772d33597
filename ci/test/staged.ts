/** A generated production with an index of alice's whose versions are checked by a handler, and its flow as a story. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { indexName, type Handler } from '@pipl/packl';
import { publish } from '@pipl/project';
import type { HandlingView, RegistryClient } from '@pipl/registry-client';
import { eventually, generatedProject, type GeneratedProject } from './generated-project.ts';

export const stage = indexName('alice/stage');
export const proj = indexName('root/PROJ');

export interface Staged extends AsyncDisposable {
  readonly production: GeneratedProject;
  readonly root: RegistryClient;
  readonly alice: RegistryClient;
  readonly bob: RegistryClient;
  write(name: string, files: Record<string, string | object>): Promise<void>;
  /** To `alice/stage`, as alice. @returns seq */
  publish(name: string): Promise<number>;
  /** The newest handling of a version, once it is one of these. */
  handled(name: string, version: string, states?: readonly HandlingView['state'][]): Promise<HandlingView>;
  /** Of the index itself. */
  versions(name: string): Promise<string[]>;
}

interface Asked {
  readonly graph?: Record<string, readonly string[]>;
  readonly gate?: object;
  readonly handlers?: readonly Handler[];
  readonly database?: string;
}

const atRest: readonly HandlingView['state'][] = [
  'promoted',
  'passed',
  'failed',
  'done',
  'held',
  'refused',
  'gone',
  'canceled',
  'dead',
  'superseded',
];

/** `alice/stage` is checked by `qa`, which may promote into `root/PROJ` when the gate there holds. */
export async function staged({
  graph = { a: ['@gen/seed'] },
  gate,
  handlers,
  database,
}: Asked = {}): Promise<Staged> {
  const production = await generatedProject(graph, database === undefined ? {} : { database });
  const root = await production.asRoot();
  await root.setUser('alice', { password: 'alice' });
  await root.setUser('bob', { password: 'bob' });
  await root.setIndex(stage, { bases: [proj] });
  await root.setIndex(proj, { handlers: [{ handler: 'qa', from: stage }] });
  const file = join(production.project.path, '.pipl');
  if (gate !== undefined) {
    const written = JSON.parse(await readFile(file, 'utf8')) as object;
    await production.stop();
    await writeFile(file, JSON.stringify({ ...written, gates: { 'root/PROJ': gate } }));
    await production.start();
  }
  for (const handler of handlers ?? [{ kind: 'qa' as const, promoteTo: proj }]) {
    await root.addHandler(stage, handler);
  }
  const as = async (user: string) =>
    production.client.withToken((await production.client.login({ user, password: user })).token);
  const [alice, bob] = [await as('alice'), await as('bob')];
  return {
    production,
    root,
    alice,
    bob,
    async write(name, files) {
      const folder = production.folder(name);
      await mkdir(folder, { recursive: true });
      for (const [path, content] of Object.entries(files)) {
        await writeFile(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
      }
    },
    publish: async (name) =>
      (await publish(alice, { project: production.project, folders: [production.folder(name)], to: stage }))
        .seq,
    handled: (name, version, states = atRest) =>
      eventually(async () => {
        const [found] = await alice.handlings({ name, version }).catch(() => []);
        return found !== undefined && states.includes(found.state) ? found : undefined;
      }),
    versions: async (name) => {
      const { rows } = await alice.rows(proj, name);
      return rows.map(({ version }) => version).toSorted();
    },
    [Symbol.asyncDispose]: () => production[Symbol.asyncDispose](),
  };
}

/** A packl of code with these checks. */
export const tool = (version: string, checks: object, body = 'export {};\n') => ({
  'package.json': {
    name: '@gen/tool',
    version,
    type: 'module',
    exports: './index.js',
    pipl: { kind: 'code', checks },
  },
  'index.js': body,
});

/**
 * The original's flow: published to a stage index, checked with the task that would read it while the server dies,
 * held for approval, promoted by itself; then the task runs on it, and the one below that.
 * @returns what ran because of the promotion
 */
export async function tellTheStory(database?: string): Promise<string[]> {
  await using scene = await staged({
    graph: { a: ['@gen/seed'], b: ['@gen/a-note'] },
    gate: { checks: true, approval: ['bob'] },
    ...(database === undefined ? {} : { database }),
  });
  const { production, alice, bob } = scene;
  const gate = join(production.path, 'gate');
  await production.writeTask('a', '1.1.0', { parameters: { gate } });
  await scene.publish('a');
  // What it reads is not there yet: that is what its check says.
  expect(await scene.handled('@gen/a', '1.1.0')).toMatchObject({
    state: 'failed',
    checks: [{ check: 'resolves', passed: false, message: expect.stringContaining('@gen/seed ^1.0.0') }],
  });

  await production.writeSeed('1.0.0', 'one');
  const seq = await scene.publish('seed');
  await eventually(async () =>
    (await alice.runs({ task: '@gen/a' })).find(({ state }) => state === 'running'),
  );
  await production.kill();
  await writeFile(gate, '');
  await production.start();
  const held = await scene.handled('@gen/seed', '1.0.0');
  expect(held.checks.map(({ check, of, passed }) => `${check} ${of} ${passed}`)).toEqual([
    'installs @gen/seed@1.0.0 true',
    'runs @gen/a@1.1.0 true',
  ]);
  expect(held).toMatchObject({ state: 'held', seq, missing: [expect.stringContaining('by bob')] });
  expect(await scene.versions('@gen/seed')).toEqual([]);
  // What QA makes goes nowhere.
  expect((await alice.rows(stage, '@gen/a-note')).rows).toEqual([]);

  await bob.judge(stage, {
    name: '@gen/seed',
    version: '1.0.0',
    verdict: { kind: 'approval', result: 'approved' },
  });
  const promoted = await scene.handled('@gen/seed', '1.0.0', ['promoted']);
  const [first] = (await alice.changes({ since: promoted.promoted! - 1 })).changes;
  expect(first).toMatchObject({ op: 'promote', by: 'alice', origin: { handler: 'qa', index: stage } });
  await production.run('b', ['succeeded']);
  // Told once, whatever was killed.
  const verdicts = await alice.verdicts(stage, { name: '@gen/seed', version: '1.0.0' });
  expect(verdicts.map(({ verdict, by }) => `${verdict.kind} ${verdict.result} ${by}`)).toEqual([
    'check passed alice',
    'approval approved bob',
  ]);
  const runs = await alice.runs({ change: promoted.promoted! });
  // What it reads is there by now: tried again, it is planned anew.
  const [unresolved] = await alice.handlings({ name: '@gen/a', version: '1.1.0' });
  await alice.retryHandling(unresolved!.id);
  const retried = await scene.handled('@gen/a', '1.1.0', ['held', 'promoted']);
  expect(retried.checks).toMatchObject([{ check: 'runs', of: '@gen/a@1.1.0', passed: true }]);
  return runs.map(({ task, state, purpose }) => `${task} ${state} ${purpose ?? 'by a wave'}`);
}

export const processed = ['@gen/a succeeded by a wave', '@gen/b succeeded by a wave'];
