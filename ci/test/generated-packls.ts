/** What the generated production consists of: a pipeline, a seed, and tasks that join notes. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const pipeline = `import { defineAssetType, defineProductType, defineTaskType, many } from '@pipl/pipe';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
const parentOf = (pid) => Number(readFileSync('/proc/' + pid + '/stat', 'utf8').split(') ')[1].split(' ')[1]);
const parameters = { '~standard': { version: 1, vendor: 'generated', validate: (value) => ({ value }) } };
export const Text = defineAssetType({ name: 'Text', kind: 'file', basename: () => 'note.txt' });
export const Note = defineProductType({ name: 'Note', assets: { text: Text } });
export const Join = defineTaskType({ name: 'Join', needs: { notes: many(Note) }, makes: { note: Note }, parameters })
  .step('join', {
    async run({ inputs, outputs, task, parameters: { needs, gate, counts, poison, lines = 0 } }) {
      if (counts !== undefined) appendFileSync(counts, task.name + '\\n');
      if (poison) process.kill(parentOf(process.ppid), 'SIGKILL');
      if (needs !== undefined && !existsSync(needs)) throw new Error('there is no ' + needs);
      for (let line = 1; line <= lines; line += 1) console.log('line ' + line);
      while (gate !== undefined && existsSync(dirname(gate)) && !existsSync(gate)) await sleep(10);
      const notes = inputs.notes.map(({ text }) => readFileSync(text.path, 'utf8').trim());
      writeFileSync(outputs.note.text.path, task.name + '(' + notes.join('+') + ')\\n');
    },
  });
`;

/** What a task of the generated production may be told to do besides joining notes. */
export interface TaskSource {
  /** default: what it read before */
  readonly notes?: readonly string[];
  readonly parameters?: {
    /** a file without which the step fails */
    readonly needs?: string;
    /** a file that the step waits for */
    readonly gate?: string;
    /** a file that gets a line each time the step runs */
    readonly counts?: string;
    /** the step kills the runner that runs it */
    readonly poison?: boolean;
    /** so many lines on stdout before that */
    readonly lines?: number;
  };
  /** default: `@gen/<task>-note` */
  readonly makes?: string;
  /** ranges of the notes; default `^1.0.0` */
  readonly range?: string;
}

export async function writeSources(folder: (name: string) => string): Promise<void> {
  await writePackl(folder('pipeline'), pipelineManifest('1.0.0'));
  await writeFile(join(folder('pipeline'), 'index.js'), pipeline);
  await writePackl(folder('seed'), seedManifest('1.0.0'));
}

export const taskManifest = (
  task: string,
  version: string,
  { notes = [], parameters = {}, makes = `@gen/${task}-note`, range = '^1.0.0' }: TaskSource,
): object => ({
  name: `@gen/${task}`,
  version,
  type: 'module',
  dependencies: { '@gen/pipeline': '^1.0.0', ...Object.fromEntries(notes.map((note) => [note, range])) },
  peerDependencies: { '@pipl/pipe': '^1.0.0' },
  pipl: {
    kind: 'task',
    type: '@gen/pipeline#Join',
    inputs: { notes },
    products: { note: makes },
    parameters,
  },
});

export const pipelineManifest = (version: string): object => ({
  name: '@gen/pipeline',
  version,
  type: 'module',
  exports: { '.': './index.js' },
  peerDependencies: { '@pipl/pipe': '^1.0.0' },
  pipl: {
    kind: 'code',
    assetTypes: { Text: '.#Text' },
    productTypes: { Note: '.#Note' },
    taskTypes: { Join: '.#Join' },
  },
});

export const seedManifest = (version: string): object => ({
  name: '@gen/seed',
  version,
  type: 'module',
  dependencies: { '@gen/pipeline': '^1.0.0' },
  pipl: { kind: 'product', type: '@gen/pipeline#Note', assets: {} },
});

export async function writePackl(folder: string, manifest: object): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeJson(join(folder, 'package.json'), manifest);
}

export const writeJson = (file: string, json: object): Promise<void> =>
  writeFile(file, JSON.stringify(json, null, 2));
