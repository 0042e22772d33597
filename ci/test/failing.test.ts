/** A task that fails, or that lacks what it reads, stops those below it and nobody else; its mending wakes just them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually, generatedProject, type GeneratedProject } from './generated-project.ts';

const graph = { a: ['@gen/seed'], b: ['@gen/a-note'], beside: ['@gen/seed'] };

const statusOf = async ({ client }: GeneratedProject, task: string): Promise<unknown> => {
  const tasks = (await client.tasks()) as { name: string; status: { is: string } }[];
  return tasks.find(({ name }) => name === `@gen/${task}`)?.status;
};
const runsOf = async ({ client }: GeneratedProject): Promise<string[]> =>
  (await client.runs()).map(({ task, state }) => `${task} ${state}`).toSorted();
const whyOf = async ({ client }: GeneratedProject, task: string): Promise<string> =>
  (await client.why({ subject: `@gen/${task}` })).lines.join('\n');

test('a failed task runs again when somebody retries it, or publishes it mended, and only then', async () => {
  await using production = await generatedProject(graph);
  const [ink, paper] = [join(production.path, 'ink'), join(production.path, 'paper')];
  await production.publishTask('a', '1.1.0', { parameters: { needs: ink } });
  await production.settled(await production.publishSeed('1.0.0', 'one'));

  const failed = await production.client.run('@gen/a');
  expect(failed).toMatchObject({ state: 'failed', reason: expect.stringContaining(`there is no ${ink}`) });
  expect(await runsOf(production)).toEqual(['@gen/a failed', '@gen/beside succeeded']);
  expect(await statusOf(production, 'b')).toMatchObject({ is: 'blocked' });
  expect(await whyOf(production, 'b')).toContain('@gen/a-note');
  expect(await whyOf(production, 'a')).toContain(`ticket ${failed.attempt}`);
  expect(await whyOf(production, 'a')).toContain(`there is no ${ink}`);
  const told = async () =>
    (await production.client.changes({ since: 0 })).changes.filter(({ op }) => op === 'failed');
  expect(await told()).toMatchObject([
    {
      name: '@gen/a',
      version: '1.1.0',
      run: failed.attempt,
      message: expect.stringContaining(`there is no ${ink}`),
    },
  ]);

  await writeFile(ink, '');
  await (await production.asRoot()).retryTask('@gen/a');
  await production.run('b', ['succeeded']);
  expect(await runsOf(production)).toEqual([
    '@gen/a failed',
    '@gen/a succeeded',
    '@gen/b succeeded',
    '@gen/beside succeeded',
  ]);

  await production.settled(await production.publishTask('a', '1.2.0', { parameters: { needs: paper } }));
  await production.settled(await production.publishSeed('1.1.0', 'two'));
  expect((await production.client.run('@gen/a')).state).toBe('failed');
  const before = await production.client.runs();
  await production.settled(await production.publishTask('a', '1.3.0'));
  const mended = (await production.client.runs()).slice(0, -before.length);
  expect(mended.map(({ task, state }) => `${task} ${state}`).toSorted()).toEqual([
    '@gen/a succeeded',
    '@gen/b succeeded',
  ]);

  const root = await production.asRoot();
  await expect(root.retryTask('@gen/nobody')).rejects.toMatchObject({ code: 'PIPL_TASK_UNKNOWN' });
  await expect(root.retryTask('@gen/a')).rejects.toMatchObject({ code: 'PIPL_NOT_FAILED', kind: 'conflict' });
}, 540_000);

test('a task waits without an error for what is not there yet, and says for what', async () => {
  await using production = await generatedProject({ a: ['@gen/seed'] });
  await production.settled(await production.publishSeed('1.0.0', 'one'));
  const published = await production.publishTask('late', '1.0.0', { notes: ['@gen/seed'], range: '^2.0.0' });
  await production.settled(published);

  expect(await runsOf(production)).toEqual(['@gen/a succeeded']);
  expect(await statusOf(production, 'late')).toMatchObject({
    is: 'blocked',
    by: [{ is: 'missing', name: '@gen/seed', range: '^2.0.0', versions: ['1.0.0'] }],
  });
  expect(await whyOf(production, 'late')).toMatch(/asks for @gen\/seed \^2\.0\.0.*there is 1\.0\.0/);

  await production.publishSeed('2.0.0', 'two');
  const run = await eventually(async () => {
    const [first] = await production.client.runs({ task: '@gen/late' });
    return first?.state === 'succeeded' ? first : undefined;
  });
  expect(run.because).toContainEqual(expect.objectContaining({ name: '@gen/seed', to: '2.0.0' }));
}, 540_000);
