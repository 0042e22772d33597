/** What was made is published, whoever dies between making and publishing, and is not made again. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually, generatedProject, noteText } from './generated-project.ts';

test('server and runner are killed between outputs and release: the next attempt publishes and runs nothing', async () => {
  await using production = await generatedProject({ a: ['@gen/seed'], b: ['@gen/a-note'] });
  const { client, project, path } = production;
  const [gate, counts] = [join(path, 'gate'), join(path, 'counts')];
  await production.publishTask('a', '1.1.0', { parameters: { gate, counts } });
  const change = await production.publishSeed('1.0.0', 'one');
  const run = await eventually(async () => {
    const [first] = await client.runs({ change });
    return first?.firstActionAt === undefined ? undefined : first;
  });
  await production.kill();
  await writeFile(gate, '');
  const folder = join(project.system, 'runs', run.attempt);
  await eventually(async () => (existsSync(join(folder, 'made.json')) ? true : undefined));
  expect(existsSync(join(folder, 'result.json'))).toBe(false); // it waits for the registry
  process.kill(
    (JSON.parse(await readFile(join(folder, 'status.json'), 'utf8')) as { pid: number }).pid,
    'SIGKILL',
  );
  await production.start();

  const runs = await production.settled(change);
  expect(runs.map(({ task, state }) => `${task} ${state}`)).toEqual([
    '@gen/a lost',
    '@gen/a succeeded',
    '@gen/b succeeded',
  ]);
  expect(await readFile(counts, 'utf8')).toBe('@gen/a\n');
  const again = await client.runRecord(runs[1]!.attempt);
  expect(again.ending).toMatchObject({ state: 'succeeded', resumed: run.attempt });
  const rows = (await production.rows()).filter(({ name }) => name === '@gen/a-note');
  expect(await Promise.all(rows.map((row) => noteText(project, row)))).toEqual(['@gen/a(one)']);
}, 540_000);
