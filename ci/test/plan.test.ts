/** Promise 5: what a dry run prints is what then happens. On a real server, with real runs. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { indexName, type Ticket } from '@pipl/packl';
import { planAhead, planPublish, publish } from '@pipl/project';
import type { RunView } from '@pipl/registry-client';
import { generatedProject, type GeneratedProject } from './generated-project.ts';

const index = indexName('root/PROJ');

const ticketOf = async ({ project }: GeneratedProject, { attempt }: RunView): Promise<Ticket> =>
  JSON.parse(await readFile(join(project.system, 'runs', attempt, 'ticket.json'), 'utf8')) as Ticket;

/** Names and contents of everything in a folder. */
async function contentsOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const entry of (await readdir(folder, { recursive: true, withFileTypes: true })).toSorted((a, b) =>
    join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1,
  )) {
    const path = join(entry.parentPath, entry.name);
    hash.update(`${path}\n`);
    if (entry.isFile()) hash.update(await readFile(path));
  }
  return hash.digest('hex');
}

test('the dry run of a publish is the wave that then runs: order, inputs, code, versions, run keys', async () => {
  await using production = await generatedProject();
  const { project } = production;
  const first = await production.publishSeed('1.0.0', 'one');
  await production.settled(first);
  await production.writeSeed('1.1.0', 'two');
  const root = await production.asRoot();

  const before = [
    await contentsOf(production.folder('seed')),
    (await root.status()).head,
    await root.rows(index),
  ];
  const { plan } = await planPublish(root, { project, folders: [production.folder('seed')] });
  expect([
    await contentsOf(production.folder('seed')),
    (await root.status()).head,
    await root.rows(index),
  ]).toEqual(before);

  const change = await production.publishFolders(['seed']);
  const runs = await production.settled(change);
  const tickets = await Promise.all(runs.map((run) => ticketOf(production, run)));
  const told = (ticket: Ticket) => ({
    task: ticket.task.name,
    products: ticket.products.map(({ name, version }) => ({ name, version })),
    inputs: Object.fromEntries(ticket.inputs.map(({ name, version }) => [name, version])),
    codeLock: ticket.codeLock.hash,
  });
  const asTold = plan.runs.map(({ task, products, reads, codeLock }) => ({
    task,
    products: products.map(({ name, version }) => ({ name, version })),
    inputs: Object.fromEntries(Object.entries(reads).filter(([name]) => /-note$|seed$/.test(name))),
    codeLock,
  }));
  const sorted = <T extends { task: string }>(all: T[]) => all.toSorted((a, b) => (a.task < b.task ? -1 : 1));
  expect(sorted(asTold)).toEqual(sorted(tickets.map(told)));
  // Only which of two independent tasks ends first is chance: everything stands after what it reads.
  const order = plan.runs.map(({ task }) => task);
  expect(order).toHaveLength(7);
  expect([order[0], ...order.slice(1, 4).toSorted(), ...order.slice(5)]).toEqual(
    ['a', 'b', 'c', 'e', 'f', 'g'].map((task) => `@gen/${task}`),
  );
  expect(plan.runs[0]?.attempt).toBe(tickets[0]?.attempt);
  expect(plan.runs.every(({ seconds }) => seconds !== undefined && seconds > 0)).toBe(true);

  // The same content again: what was planned as new stops at once. Who knows it may say so.
  const asked = { project, from: production.path, tasks: [], things: ['packls/seed'] };
  await production.writeSeed('1.2.0', 'two');
  const known = await planAhead(root, { ...asked, unchanged: ['@gen/a'] });
  expect(known.plan.runs.map(({ task }) => task)).toEqual(['@gen/a']);
  const same = await production.settled(await production.publishFolders(['seed']));
  expect(same.map(({ task, state }) => `${task} ${state}`)).toEqual(['@gen/a unchanged']);

  await expect(planAhead(root, { ...asked, things: [], tasks: ['@gen/nobody'] })).rejects.toMatchObject({
    code: 'PIPL_TASK_UNKNOWN',
  });
  const again = await planAhead(root, { ...asked, things: [], tasks: ['@gen/e'] });
  expect(again.plan.runs.map(({ task }) => task)).toEqual(['@gen/e', '@gen/f', '@gen/g']);

  // Through a stage: nothing runs there, and then what runs here.
  const stage = indexName('root/stage');
  await root.setIndex(stage, { bases: [index] });
  await production.writeSeed('1.3.0', 'three');
  const staged = { project, folders: [production.folder('seed')], to: stage };
  const { plan: there, onward } = await planPublish(root, staged);
  expect([there.runs.length, onward.map((one) => [one.index, one.plan.runs.length])]).toEqual([
    0,
    [[index, 7]],
  ]);
  await publish(root, staged);
  const promoting = await planAhead(root, { ...asked, things: ['@gen/seed@1.3.0'] });
  expect(promoting.plan).toMatchObject({ arrivals: [{ name: '@gen/seed', version: '1.3.0' }], firstRuns: 0 });
  expect(promoting.plan.runs).toHaveLength(7);
  const { promoted, seq } = await root.promote(index, { packls: [{ name: '@gen/seed', version: '1.3.0' }] });
  expect(promoted).toHaveLength(1);
  const [promotedRun] = await production.settled(seq);
  expect(promotedRun?.attempt).toBe(promoting.plan.runs[0]?.attempt);
  const lines = (await root.why({ subject: '@gen/a', index })).lines.join();
  expect(lines).toContain(`change ${seq} brought @gen/seed 1.2.0 → 1.3.0, promoted in change ${seq}.`);

  // A task that would feed itself, as only the graph of the whole index shows.
  await production.writeTask('a', '1.1.0', { notes: ['@gen/a-note'] });
  await expect(planPublish(root, { project, folders: [production.folder('a')] })).rejects.toMatchObject({
    code: 'PIPL_TASK_CYCLE',
  });
}, 540_000);
