/** A past run again: the same bytes, or those that differ; and its failing action, held before it starts. */
import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reproduce, type HeldAction } from '../src/index.ts';
import { makeBench, path, shellJob, type Bench } from './bench.ts';

const note = { type: '@test/code/products#Note', assets: { text: { type: 'Text', kind: 'file' as const } } };
const shots = {
  type: '@test/code/products#Shots',
  assets: { frames: { type: 'Frames', kind: 'sequence' as const } },
};

async function again(bench: Bench, ticket: Parameters<typeof reproduce>[0]['ticket'], name = 'again') {
  const folder = join(bench.root, name);
  await mkdir(folder);
  const texts: string[] = [];
  const token = await bench.registry.issueUserToken('root');
  const reproduced = await reproduce({
    ticket,
    folder,
    // Nothing of the machine that ran it is there any more but the registry and the asset store.
    config: { ...bench.config, trees: join(folder, 'trees'), cache: join(folder, 'cache') },
    access: { registry: bench.registry.url, token },
    signal: new AbortController().signal,
    onText: (text) => texts.push(text),
  });
  return { reproduced, texts, folder };
}

test('run again it makes the same, file by file; the project is not touched', async () => {
  await using bench = await makeBench();
  const script =
    'cd "{{Param.Out_shots}}/frames"; for n in 1 2; do echo "{{Param.word}} $n" > img.000$n.png; done';
  const ticket = await bench.ticketFor({
    job: shellJob(script, { parameters: [path('Out_shots'), { name: 'word', type: 'STRING' }] }),
    field: { products: { shots: '@test/shots' }, makes: { shots }, parameters: { word: 'hi' } },
  });
  const { result, folder: ran } = await bench.run(ticket);
  await rm(ran, { recursive: true });
  const head = await bench.registry.feed.head();
  const stored = (await readdir(bench.store.root, { recursive: true })).length;

  const { reproduced } = await again(bench, ticket);
  const made = await reproduced.rerun();
  const { digest } = made['@test/shots']!['frames']!;
  expect(digest).toBe(result.provenance?.products['@test/shots']?.['frames']);
  expect(reproduced.template).toBe(result.provenance?.template);
  expect(Object.keys(await reproduced.filesOf(digest))).toEqual(['img.0001.png', 'img.0002.png']);
  await reproduced.close();
  expect(await bench.registry.feed.head()).toBe(head);
  expect((await readdir(bench.store.root, { recursive: true })).length).toBe(stored);
});

test('the action that failed is held with its command, files and variables; steps before it ran', async () => {
  await using bench = await makeBench();
  const counter = join(bench.root, 'count');
  const last = {
    name: 'last',
    dependencies: [{ dependsOn: 'work' }],
    parameterSpace: { taskParameterDefinitions: [{ name: 'n', type: 'INT', range: '1-3' }] },
    stepEnvironments: [{ name: 'air', variables: { WEATHER: 'rain' } }],
    script: {
      actions: {
        onRun: { command: 'sh', args: ['{{Task.File.act}}', '{{Task.Param.n}}', 'two words', '-x'] },
      },
      embeddedFiles: [{ name: 'act', type: 'TEXT', data: 'echo acting on $1; test "$1" != 2' }],
    },
  };
  const ticket = await bench.ticketFor({
    job: shellJob(`echo ran >> "${counter}"; echo x > "{{Param.Out_note}}/text/n"`, {
      parameters: [path('Out_note')],
      steps: [last],
    }),
    field: { products: { note: '@test/note' }, makes: { note } },
  });
  const { result } = await bench.run(ticket, { config: { concurrency: 1 } });
  expect(result).toMatchObject({ state: 'failed', failedAt: { step: 'last', where: 'n=2' } });

  const { reproduced, texts } = await again(bench, ticket);
  let held: HeldAction | undefined;
  await reproduced.hold(result.failedAt, async (seen) => {
    held = seen;
    expect(await readFile(seen.argv[1]!, 'utf8')).toContain('acting on');
    expect(await readdir(join(reproduced.outputs['note']!, 'text'))).toEqual(['n']);
  });
  await reproduced.close();
  expect(held?.argv).toEqual(['sh', expect.any(String), '2', 'two words', '-x']);
  expect(held?.env).toMatchObject({ WEATHER: 'rain', PIPL_CONTEXT: expect.stringContaining('again') });
  expect(held?.cwd).toContain(join(bench.root, 'again'));
  expect(texts).toContain('Held before it starts: step last (n=2)');
  expect(texts.join()).not.toContain('acting on');
  expect((await readFile(counter, 'utf8')).trim().split('\n')).toHaveLength(2); // once then, once now

  const { reproduced: other } = await again(bench, ticket, 'other');
  const failing = other.hold({ step: 'last', where: 'n=9' }, async () => undefined);
  await expect(failing).rejects.toMatchObject({ code: 'PIPL_NO_POINT' });
  await expect(other.rerun()).rejects.toMatchObject({ error: { code: 'PIPL_ACTION_FAILED' } });
  await other.close();
});
