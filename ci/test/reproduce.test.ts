/** A past run again, when its folder is gone: the same bytes, or said by file which are not. */
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rebuildRun } from '@pipl/project';
import { generatedProject, type GeneratedProject } from './generated-project.ts';

const shots = {
  type: '@gen/pipeline#Note',
  assets: { frames: { type: 'Frames', kind: 'sequence' } },
};
/** Its second frame is another each time. */
const stamp = {
  name: '@gen/stamp',
  version: '1.0.0',
  dependencies: { '@gen/pipeline': '^1.0.0', '@gen/seed': '^1.0.0' },
  peerDependencies: { '@pipl/pipe': '^1.0.0' },
  pipl: {
    kind: 'task',
    type: '@gen/pipeline#Join',
    inputs: { seed: '@gen/seed' },
    products: { shots: '@gen/stamp-shots' },
    parameters: {},
    job: './job.json',
    makes: { shots },
  },
};
const job = {
  specificationVersion: 'jobtemplate-2023-09',
  name: 'stamp',
  parameterDefinitions: [{ name: 'Out_shots', type: 'PATH' }],
  steps: [
    {
      name: 'draw',
      script: {
        actions: {
          onRun: {
            command: 'sh',
            args: ['-c', 'cd "{{Param.Out_shots}}/frames"; echo one > f.0001.txt; date +%s%N > f.0002.txt'],
          },
        },
      },
    },
  ],
};

const rebuilt = async (production: GeneratedProject, run: string) =>
  rebuildRun(await production.asRoot(), {
    project: production.project,
    run,
    folder: join(production.path, `again-${run.slice(0, 4)}`),
    signal: new AbortController().signal,
    onText: () => undefined,
  });

test('what is deterministic is made again, byte by byte; what is not is named; nothing is published', async () => {
  await using production = await generatedProject({ a: ['@gen/seed'] });
  await production.writeTask('stamp', '1.0.0');
  await writeFile(join(production.folder('stamp'), 'package.json'), JSON.stringify(stamp));
  await writeFile(join(production.folder('stamp'), 'job.json'), JSON.stringify(job));
  await production.publishFolders(['stamp']);
  const change = await production.publishSeed('1.0.0', 'one');
  const runs = await production.settled(change);
  const attemptOf = (task: string) => runs.find((run) => run.task === task)!.attempt;
  expect(runs.map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
  // Written down when they ended; what the machine had of them goes.
  await production.stop();
  await production.start();
  const folder = join(production.project.system, 'runs');
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
  await rm(join(production.project.system, 'cache'), { recursive: true });
  const { head } = await production.client.status();

  const same = await rebuilt(production, attemptOf('@gen/a'));
  expect(same.rebuilt).toMatchObject({ task: '@gen/a@1.0.0', sameJob: true });
  expect(await same.rerun()).toMatchObject([
    { product: '@gen/a-note', asset: 'text', is: 'equal', files: [] },
  ]);
  await same.close();

  const other = await rebuilt(production, attemptOf('@gen/stamp'));
  expect(await other.rerun()).toMatchObject([
    { product: '@gen/stamp-shots', is: 'differs', files: [{ path: 'f.0002.txt', is: 'differs' }] },
  ]);
  await other.close();
  expect((await production.client.status()).head).toBe(head);

  await expect(rebuilt(production, attemptOf('@gen/a'))).rejects.toMatchObject({ code: 'PIPL_NOT_EMPTY' });
  await expect(rebuilt(production, 'nobody')).rejects.toMatchObject({ code: 'PIPL_NO_RUN' });
}, 540_000);
