/** Points that an earlier run has made from the same do not run again; what comes out is what would have come out. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { indexName, productOf } from '@pipl/packl';
import { addAsset } from '@pipl/project';
import { opened, type RunView } from '@pipl/registry-client';
import { eventually, generatedProject, type GeneratedProject } from './generated-project.ts';

const index = indexName('root/PROJ');
const code = `import { defineAssetType, defineProductType, defineTaskType } from '@pipl/pipe';
import { readFileSync, writeFileSync } from 'node:fs';
const parameters = { '~standard': { version: 1, vendor: 'points', validate: (value) => ({ value }) } };
const basename = ({ product, frame }) => product.shortName + '.' + frame + '.txt';
export const Text = defineAssetType({ name: 'Text', kind: 'file', basename: () => 'note.txt' });
export const Frame = defineAssetType({ name: 'Frame', kind: 'sequence', basename });
export const Note = defineProductType({ name: 'Note', assets: { text: Text } });
export const Frames = defineProductType({ name: 'Frames', assets: { beauty: Frame } });
const over = { frame: ({ frames }) => frames };
export const Render = defineTaskType({ name: 'Render', needs: { note: Note }, makes: { frames: Frames }, parameters })
  .step('render', {
    over, chunk: 3, perPoint: { makes: ['frames.beauty'], ignores: ['frames'] },
    run({ inputs, outputs, parameters: { look }, point: { frame } }) {
      console.log('runs ' + frame);
      const note = readFileSync(inputs.note.text.path, 'utf8').trim();
      writeFileSync(outputs.frames.beauty.frame(frame), [note, look, frame].join(' '));
    },
  })
  .check('all frames', ({ outputs }) => { if (outputs.frames.beauty.written().size === 0) throw new Error('none'); });
export const Comp = defineTaskType({ name: 'Comp', needs: { frames: Frames }, makes: { comp: Frames }, parameters })
  .step('comp', {
    over, perPoint: { makes: ['comp.beauty'], ignores: ['frames'], reads: ['frames.beauty'] },
    run({ inputs, outputs, point: { frame } }) {
      console.log('runs ' + frame);
      writeFileSync(outputs.comp.beauty.frame(frame), 'graded ' + readFileSync(inputs.frames.beauty.frame(frame), 'utf8'));
    },
  });
`;

let production: GeneratedProject;
beforeAll(async () => {
  production = await generatedProject({ a: ['@gen/seed'] });
  await writePipeline('1.0.0');
  await production.publishFolders(['points']);
  await publishNote('1.0.0', 'bunny');
}, 540_000);
afterAll(() => production[Symbol.asyncDispose]());

const write = async (name: string, manifest: object): Promise<void> => {
  await mkdir(production.folder(name), { recursive: true });
  await writeFile(join(production.folder(name), 'package.json'), JSON.stringify(manifest));
};
const pipe = { '@pipl/pipe': '^1.0.0' };

async function writePipeline(version: string): Promise<void> {
  await write('points', {
    name: '@pts/pipeline',
    version,
    type: 'module',
    exports: { '.': './index.js' },
    peerDependencies: pipe,
    pipl: {
      kind: 'code',
      assetTypes: { Text: '.#Text', Frame: '.#Frame' },
      productTypes: { Note: '.#Note', Frames: '.#Frames' },
      taskTypes: { Render: '.#Render', Comp: '.#Comp' },
    },
  });
  await writeFile(join(production.folder('points'), 'index.js'), code);
}

async function publishNote(version: string, text: string): Promise<number> {
  const file = join(production.path, 'note.txt');
  await writeFile(file, text);
  const pipl = { kind: 'product', type: '@pts/pipeline#Note', assets: {} };
  await write('note', { name: '@pts/note', version, dependencies: { '@pts/pipeline': '^1.0.0' }, pipl });
  const { project } = production;
  await addAsset({ project, folder: production.folder('note'), name: 'text', paths: [file] });
  return production.publishFolders(['note']);
}

interface Published {
  readonly state: RunView['state'];
  /** frames whose action ran, as the log says */
  readonly ran: number[];
  readonly reused: RunView['reused'];
  readonly attempt: string;
  /** of the product */
  readonly version: string;
}

async function outcomeOf(task: string, change: number): Promise<Published> {
  const runs = await production.settled(change);
  const run = runs.findLast((one) => one.task === task);
  if (run === undefined) throw new Error(`${task} did not run.`);
  const { text } = await production.client.runLog(run.attempt);
  const ran = [...text.matchAll(/"runs (\d+)"/g)].map(([, frame]) => Number(frame)).toSorted((a, b) => a - b);
  return {
    state: run.state,
    ran,
    reused: run.reused,
    attempt: run.attempt,
    version: run.products[0]?.version ?? '',
  };
}

async function publishTask(
  task: 'render' | 'comp',
  version: string,
  parameters: object,
  policy?: object,
): Promise<Published> {
  const [needs, made, type] =
    task === 'render'
      ? [{ note: '@pts/note' }, { frames: '@pts/frames' }, 'Render']
      : [{ frames: '@pts/frames' }, { comp: '@pts/comped' }, 'Comp'];
  const inputs = Object.values(needs as Record<string, string>);
  await write(task, {
    name: `@pts/${task}`,
    version,
    dependencies: {
      '@pts/pipeline': '^1.0.0',
      ...Object.fromEntries(inputs.map((name) => [name, '^1.0.0'])),
    },
    peerDependencies: pipe,
    pipl: {
      kind: 'task',
      type: `@pts/pipeline#${type}`,
      inputs: needs,
      products: made,
      parameters,
      ...(policy === undefined ? {} : { policy }),
    },
  });
  return outcomeOf(`@pts/${task}`, await production.publishFolders([task]));
}

const look = 'warm';
let first: Published;
let more: Published;

test('eight frames after four run four, and make what a run from scratch makes', async () => {
  first = await publishTask('render', '1.0.0', { frames: '1001-1004', look });
  expect(first).toMatchObject({ state: 'succeeded', ran: [1001, 1002, 1003, 1004], reused: undefined });

  more = await publishTask('render', '1.1.0', { frames: '1001-1008', look });
  expect(more).toMatchObject({
    state: 'succeeded',
    ran: [1005, 1006, 1007, 1008],
    reused: [{ step: 'render', points: 8, reused: 4, from: [first.attempt] }],
  });
  const rows = await production.rows();
  const frames = rows.find(({ name, version }) => name === '@pts/frames' && version === more.version);
  expect(productOf(frames!.manifest)?.assets['beauty']?.frames).toHaveLength(8);

  // Equal content is no new version: that is how the registry says that the digests are the same.
  const scratch = await publishTask('render', '1.2.0', { frames: '1001-1008', look }, { reuse: false });
  expect(scratch).toMatchObject({ state: 'unchanged', reused: undefined });
  expect(scratch.ran).toHaveLength(8);
}, 540_000);

test('provenance says which frames came from where', async () => {
  const { client } = production;
  const envelope = await client.provenance(index, '@pts/frames', more.version);
  const { statement } = opened(envelope, await client.provenanceKeys());
  expect(statement.predicate.buildDefinition.internalParameters['reported']).toMatchObject({
    reused: [{ step: 'render', points: 8, reused: 4, from: [first.attempt] }],
  });
}, 540_000);

test('fewer frames need no action at all', async () => {
  const fewer = await publishTask('render', '1.3.0', { frames: '1002-1003', look });
  expect(fewer).toMatchObject({ state: 'succeeded', ran: [], reused: [{ points: 2, reused: 2 }] });
  await publishTask('render', '1.4.0', { frames: '1001-1008', look });
}, 540_000);

test('a step that reads frame by frame runs for new frames, though its input is another product', async () => {
  const four = await publishTask('comp', '1.0.0', { frames: '1001-1004' });
  expect(four.ran).toHaveLength(4);
  await publishTask('render', '1.5.0', { frames: '1001-1010', look });
  const ten = await publishTask('comp', '1.1.0', { frames: '1003-1010' });
  expect(ten.ran).toEqual([1005, 1006, 1007, 1008, 1009, 1010]);
  expect(ten.reused).toMatchObject([{ points: 8, reused: 2 }]);
}, 540_000);

test('a frame that was damaged in the store is made again, and the store is whole after that', async () => {
  const rows = await production.rows();
  const { manifest } = rows.findLast(({ name }) => name === '@pts/frames')!;
  const stored = (digest: string): string =>
    join(production.project.system, 'assets', 'sha256', digest.slice(7, 9), digest.slice(7));
  const tree = await readFile(stored(productOf(manifest)!.assets['beauty']!.digest), 'utf8');
  const { sha256, size } = tree
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { path: string; sha256: string; size: number })
    .find(({ path }) => path.includes('.1003.'))!;
  await chmod(stored(sha256), 0o644);
  await writeFile(stored(sha256), 'x'.repeat(size));
  const mended = await publishTask('render', '1.5.1', { frames: '1002-1004', look });
  expect(mended).toMatchObject({ ran: [1003], reused: [{ points: 3, reused: 2 }] });
  expect(await readFile(stored(sha256), 'utf8')).toBe('bunny warm 1003');
  await publishTask('render', '1.5.2', { frames: '1001-1010', look });
}, 540_000);

test('another parameter, another input, other code: everything runs', async () => {
  const colder = await publishTask('render', '1.6.0', { frames: '1001-1004', look: 'cold' });
  expect(colder).toMatchObject({ ran: [1001, 1002, 1003, 1004], reused: undefined });
  const hare = await outcomeOf('@pts/render', await publishNote('1.0.1', 'hare'));
  expect(hare).toMatchObject({ ran: [1001, 1002, 1003, 1004], reused: undefined });
  await writePipeline('1.0.1');
  const recoded = await outcomeOf('@pts/render', await production.publishFolders(['points']));
  expect(recoded.ran).toEqual([1001, 1002, 1003, 1004]);
}, 540_000);

test('what has a result is run again when somebody asks, every point of it; the same content is no version', async () => {
  const root = await production.asRoot();
  const ask = { where: 'type=@pts/pipeline#R* and state!=failed' };
  const before = await production.client.runs({ task: '@pts/render', limit: 1 });
  expect(await root.rerun({ ...ask, dryRun: true })).toMatchObject({
    runs: [{ task: '@pts/render', is: 'again', attempt: before[0]?.attempt }],
    started: false,
  });
  expect((await production.client.runs({ task: '@pts/render', limit: 1 }))[0]).toEqual(before[0]);

  expect(await root.rerun(ask)).toMatchObject({ started: true });
  const { attempt } = await eventually(async () => {
    const [run] = await production.client.runs({ task: '@pts/render', limit: 1 });
    return run?.state === 'unchanged' ? run : undefined;
  });
  const { text } = await production.client.runLog(attempt);
  expect(attempt).not.toBe(before[0]?.attempt);
  expect(text.match(/"runs \d+"/g)).toHaveLength(4);

  await expect(production.client.rerun(ask)).rejects.toMatchObject({ code: 'PIPL_LOGIN_NEEDED' });
  await expect(root.rerun({ where: 'colour=red' })).rejects.toMatchObject({ code: 'PIPL_WHERE' });
}, 540_000);

test('who is no run asks for no points', async () => {
  const asked = production.client.knownPoints(first.attempt, []);
  await expect(asked).rejects.toMatchObject({ code: 'PIPL_DENIED' });
}, 540_000);
