/** What is kept of a run: enough to make it again or to compare it, when its folder is gone. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '@pipl/registry';
import { eventually, generatedProject } from './generated-project.ts';

test('of every run, also one that failed: ticket with the lock of its code, job, parameters, variables, how it ended', async () => {
  await using production = await generatedProject({ a: ['@gen/seed'], b: ['@gen/a-note'] });
  const { client, project } = production;
  await production.publishTask('b', '1.1.0', { parameters: { needs: join(production.path, 'nowhere') } });
  const runs = await production.settled(await production.publishSeed('1.0.0', 'one'));
  const [made, failed] = runs;
  const before = await Promise.all(runs.map(({ attempt }) => client.runRecord(attempt)));
  expect(before[0]).toMatchObject({
    run: made,
    lock: { direct: { '@gen/seed': '1.0.0' } },
    ticket: { attempt: made!.attempt, codeLock: { lockfile: expect.stringContaining('@gen/pipeline') } },
    report: {
      template: {
        hash: expect.stringMatching(/^sha256:/),
        text: expect.stringContaining('jobtemplate-2023-09'),
      },
      environment: { PATH: { value: expect.stringContaining('{tree}/node_modules/.bin') } },
      node: process.version,
    },
    ending: {
      state: 'succeeded',
      provenance: {
        inputs: [{ name: '@gen/seed', assets: { text: expect.stringMatching(/^sha256:/) } }],
        products: { '@gen/a-note': { text: expect.stringMatching(/^sha256:/) } },
      },
    },
  });
  expect(before[1]).toMatchObject({
    run: failed,
    report: { parameters: { needs: join(production.path, 'nowhere') } },
    ending: { state: 'failed', failedAt: { step: 'join' }, error: { code: 'PIPL_ACTION_FAILED' } },
  });

  // One that ended while nobody looked is written down by the next server.
  await production.stop();
  const db = await openDatabase(join(project.system, 'db', 'pipl.sqlite'));
  await db.deleteFrom('ci_run_records').where('attempt', '=', made!.attempt).execute();
  const { locks } = await db
    .selectFrom('ci_texts')
    .select(({ fn }) => fn.countAll<number>().as('locks'))
    .where('hash', 'like', 'code-lock:%')
    .executeTakeFirstOrThrow();
  await db.destroy();
  expect(locks).toBe(1); // both have the same code
  await production.start();
  await eventually(async () => {
    const again = await openDatabase(join(project.system, 'db', 'pipl.sqlite'));
    const rows = await again.selectFrom('ci_run_records').selectAll().execute();
    await again.destroy();
    return rows.length === 2 ? rows : undefined;
  });

  const folder = join(project.system, 'runs');
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
  const after = await Promise.all(runs.map(({ attempt }) => client.runRecord(attempt)));
  // What only the engine saw, it saw in the folder.
  const kept = ({ lock, ticket, report, ending }: (typeof after)[number]) => ({
    lock,
    ticket,
    report,
    ending,
  });
  expect(after.map(kept)).toEqual(before.map(kept));
}, 540_000);
