/** A newer change takes back, on a real server, what waits for a place: it never begins, and the newest runs once. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunView } from '@pipl/registry-client';
import { eventually, generatedProject, type GeneratedProject } from './generated-project.ts';

/** Two tasks that read the seed, one place, and a gate at which whoever has it waits. */
async function onePlace(production: GeneratedProject): Promise<{ gate: string }> {
  await production.stop();
  const file = join(production.project.path, '.pipl');
  const settings = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...settings, runs: { concurrency: 1 } }));
  await production.start();
  const gate = join(production.path, 'gate');
  for (const task of ['a', 'b']) await production.publishTask(task, '1.1.0', { parameters: { gate } });
  return { gate };
}

const inOrder = (runs: readonly RunView[]): RunView[] =>
  runs.toSorted((one, other) => (one.submittedAt < other.submittedAt ? -1 : 1));

test('what waits for a place when its inputs change never begins; over a kill of the server too', async () => {
  await using production = await generatedProject({ a: ['@gen/seed'], b: ['@gen/seed'] });
  const { gate } = await onePlace(production);
  const { client } = production;
  await production.publishSeed('1.0.0', 'one');
  const holder = await eventually(async () =>
    (await client.runs({})).find(({ firstActionAt }) => firstActionAt !== undefined),
  );
  const waiter = holder.task === '@gen/a' ? '@gen/b' : '@gen/a';
  const of = async (task: string) => inOrder(await client.runs({ task }));
  const [first] = await eventually(async () => {
    const runs = await of(waiter);
    return runs.length > 0 ? runs : undefined;
  });
  expect(first).toMatchObject({ state: 'waiting' });

  await production.publishSeed('1.1.0', 'two');
  const replaced = await eventually(async () => {
    const [old, young] = await of(waiter);
    return old?.state === 'superseded' && young !== undefined ? [old, young] : undefined;
  });
  expect(replaced).toMatchObject([
    { attempt: first!.attempt, replacedBy: replaced[1]!.attempt },
    {
      state: 'waiting',
      because: expect.arrayContaining([expect.objectContaining({ name: '@gen/seed', to: '1.1.0' })]),
    },
  ]);
  const { lines } = await client.why({ subject: first!.attempt });
  expect(lines.join('\n')).toContain('taken back before it began');
  expect(lines.join('\n')).toContain(replaced[1]!.attempt);

  await production.kill();
  await production.start();
  const change = await production.publishSeed('1.2.0', 'three');
  await eventually(async () => ((await of(waiter)).length === 3 ? true : undefined));
  await writeFile(gate, '');
  await production.settled(change);

  const ran = await of(waiter);
  expect(ran.map(({ state }) => state)).toEqual(['superseded', 'superseded', 'succeeded']);
  expect(ran.map(({ startedAt }) => startedAt !== undefined)).toEqual([false, false, true]);
  expect((await of(holder.task)).map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
  const made = (await production.rows()).filter(({ name }) => name === `${waiter}-note`);
  expect(made.map(({ version }) => version)).toEqual(['1.0.0']);
}, 540_000);
