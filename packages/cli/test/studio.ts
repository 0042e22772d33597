/**
 * A studio for tests: packls that add and override every extension point of the framework, published to a real
 * registry and installed by real workspaces. One of them writes a file when its code is loaded.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Film, makeFilm, type Ended } from './film.ts';
import { brokenPackls } from './framework/broken-packls.ts';

const peer = { peerDependencies: { '@pipl/pipe': '^1.0.0' } };

const color = {
  manifest: { version: '1.0.0', pipl: { kind: 'code' } },
  files: { 'config.ocio': 'ocio_profile_version: 2\n' },
};

const envBase = {
  manifest: {
    version: '1.0.0',
    pipl: {
      kind: 'envset',
      variables: {
        LICENSE: { set: 'studio' },
        SCRIPTS: { prepend: '{self}/scripts' },
        PATH: { prepend: '{self}/bin' },
        LEGACY: { set: 'yes' },
      },
    },
  },
  files: { 'bin/blender': '#!/bin/sh\necho "blender $LICENSE $ENTERED"\n', 'scripts/a.py': '' },
};

const envBlender = {
  manifest: {
    version: '5.2.0',
    dependencies: { '@film/env-base': '^1.0.0', '@film/color': '^1.0.0' },
    pipl: {
      kind: 'envset',
      variables: {
        OCIO: { set: '{@film/color}/config.ocio' },
        SCRIPTS: { prepend: '{self}/scripts' },
        LEGACY: { unset: true },
      },
      when: {
        '@film/studio@^1.0.0': { DEVICE: { set: 'OPTIX' } },
        '@film/gone': { DEVICE: { set: 'NONE' } },
      },
      environment: './environment.json',
    },
  },
  files: {
    'scripts/b.py': '',
    'environment.json': JSON.stringify({
      specificationVersion: 'environment-2023-09',
      environment: {
        name: 'License',
        script: {
          actions: {
            onEnter: {
              command: 'sh',
              args: ['-c', 'echo openjd_env: ENTERED=$LICENSE; echo took a license'],
            },
            onExit: { command: 'sh', args: ['-c', 'echo gave the license of $ENTERED back'] },
          },
        },
      },
    }),
  },
};

const pipeline = {
  manifest: {
    version: '2.0.0',
    ...peer,
    exports: { './farm': './farm.js', './types': './types.js', './config': './config.js' },
    pipl: {
      kind: 'code',
      config: { farm: { host: 'localhost', limits: { cpu: 1, memory: 2 } }, made: './config#MADE' },
      services: { farm: './farm#createFarm', notes: './farm#createNotes' },
      assetTypes: { Note: './types#Note' },
      productTypes: { Text: './types#Text' },
      taskTypes: { Write: './types#Write' },
    },
  },
  files: {
    'config.js': "export const MADE = { by: 'code', at: { depth: 1 } };\n",
    'farm.js': `
import { appendFileSync } from 'node:fs';
import { defineService } from '@pipl/pipe';
const number = { '~standard': { version: 1, vendor: 'test', validate: (value) =>
  typeof value.limits?.cpu === 'number' ? { value } : { issues: [{ message: 'must be a number', path: ['limits', 'cpu'] }] } } };
export const createFarm = defineService({ config: number, create: (config) => ({ name: 'farm of the pipeline', config }) });
export const createNotes = async (config, { services, packl }) => {
  const farm = await services.get('farm');
  return { farm: farm.name, by: packl.name, dispose() { if (process.env.DISPOSED) appendFileSync(process.env.DISPOSED, 'notes '); } };
};
`,
    'types.js': `
import { writeFileSync } from 'node:fs';
import { defineAssetType, defineProductType, defineTaskType, services } from '@pipl/pipe';
export const Note = defineAssetType({ name: 'Note', kind: 'file', basename: ({ product }) => product.shortName + '.txt' });
export const Text = defineProductType({ name: 'Text', assets: { note: Note } });
const shown = ['OCIO', 'SCRIPTS', 'LICENSE', 'DEVICE', 'LEGACY', 'ENTERED'];
export const Write = defineTaskType({ name: 'Write', needs: {}, makes: { text: Text } }).step('write', {
  async run({ outputs }) {
    const notes = await services.get('notes');
    const variables = Object.fromEntries(shown.map((name) => [name, process.env[name]]));
    const farm = await services.config.get('farm');
    writeFileSync(outputs.text.note.path, JSON.stringify({ variables, farm, notes: notes.farm }));
  },
});
`,
  },
};

const studio = {
  manifest: {
    version: '1.0.0',
    ...peer,
    dependencies: { '@film/pipeline': '^2.0.0', '@film/trap': '^1.0.0' },
    exports: { './farm': './farm.js', './types': './types.js' },
    pipl: {
      kind: 'code',
      config: { farm: { host: 'render.studio', limits: { memory: 64 } } },
      services: { farm: './farm#createFarm' },
      assetTypes: { Note: './types#Note' },
      productTypes: { Memo: './types#Memo', Text: './types#LongText' },
      taskTypes: { Copy: './types#Copy' },
      groups: { edit: { '@film/tools': '^3.0.0' } },
    },
  },
  files: {
    'types.js': `
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineAssetType, defineProductType, defineTaskType } from '@pipl/pipe';
import { Text, Write } from '@film/pipeline/types';
export const Note = defineAssetType({
  name: 'Note', kind: 'file', basename: ({ product, revision }) => product.shortName + '_v' + revision + '.txt',
  lint: ({ path }, report) => { if (readFileSync(path, 'utf8').includes('TODO')) report('a TODO is left'); },
  preview: ({ path }, to) => writeFileSync(join(to, 'preview.svg'), '<svg>' + readFileSync(path, 'utf8') + '</svg>'),
  migrate({ path }, to) {
    const text = readFileSync(path, 'utf8');
    if (!text.includes('TODO')) return false;
    writeFileSync(join(to, 'note.txt'), text.replaceAll('TODO', 'done'));
    return true;
  },
});
/** The pipeline's by name, with a cover. */
export const LongText = defineProductType({ name: 'Text', assets: { note: Note, cover: Note } });
export const Memo = defineProductType({ name: 'Memo', assets: { note: Note } });
const count = { '~standard': { version: 1, vendor: 'test',
  validate: (value) => (Number.isInteger(value.times) ? { value } : { issues: [{ message: 'must be an integer', path: ['times'] }] }),
  jsonSchema: { input: () => ({ type: 'object', properties: { times: { type: 'integer', description: 'how often' } }, required: ['times'] }) } } };
export const Copy = defineTaskType({ name: 'Copy', needs: { text: Text }, makes: { memo: Memo } })
  .step('copy', { run({ task, outputs }) {
    const [text] = task.dependencies.ofType('Text');
    writeFileSync(outputs.memo.note.path, readFileSync(text.note.path, 'utf8').toUpperCase());
  } })
  .check('no TODO', ({ outputs }) => { if (readFileSync(outputs.memo.note.path, 'utf8').includes('TODO')) throw new Error('TODO'); })
  .command('show', { label: 'Read the memo', arguments: count, run({ inputs, arguments: { times } }) {
    for (let i = 0; i < times; i++) console.log(readFileSync(inputs.text.note.path, 'utf8'));
  } })
  .command('sign', { label: 'Sign and publish it', run({ outputs, task }) {
    writeFileSync(outputs.memo.note.path, 'signed');
    task.publishProducts();
  } })
  .command('spoil', { label: 'Fail', run() { throw new Error('spoiled'); } });
`,
    'farm.js': `
export const createFarm = async (config, { overridden }) => {
  const { name } = await overridden();
  return { name: 'farm of the studio over the ' + name, config };
};
`,
  },
};

/** An asset store of its own: a file lies where product, asset type and revision say. */
const store = {
  manifest: {
    version: '1.0.0',
    ...peer,
    exports: { './store': './store.js' },
    pipl: { kind: 'code', services: { asset_store: './store#createStore' }, config: { asset_store: {} } },
  },
  files: {
    'store.js': `
import { createHash } from 'node:crypto';
import { copyFileSync, createReadStream, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
const digestOf = (file) => 'sha256:' + createHash('sha256').update(readFileSync(file)).digest('hex');
export const createStore = ({ root }) => {
  const at = (name, type, digest) => join(root, name, type, digest.slice(7, 19));
  const resolve = ({ product, reference: { type, digest } }) => at(product.name, type, digest);
  return {
    resolve,
    stat: async (ref) => (existsSync(resolve(ref)) ? { size: statSync(resolve(ref)).size } : undefined),
    async put({ product, type, kind, paths: [file] }) {
      if (kind !== 'file') throw new Error('this store takes files only');
      const digest = digestOf(file);
      mkdirSync(dirname(at(product.name, type, digest)), { recursive: true });
      copyFileSync(file, at(product.name, type, digest));
      return { digest, size: statSync(file).size };
    },
    get: (ref) => createReadStream(resolve(ref)),
    async materialize(ref, { to }) {
      mkdirSync(to, { recursive: true });
      const path = join(to, ref.reference.basename);
      copyFileSync(resolve(ref), path);
      return { kind: 'file', type: ref.reference.type, path, dir: to };
    },
    async verify(ref) { if (digestOf(resolve(ref)) !== ref.reference.digest) throw new Error('damaged'); },
  };
};
`,
  },
};

const tools = {
  manifest: { version: '3.1.0', bin: { paint: './paint.js' }, pipl: { kind: 'editor' } },
  files: { 'paint.js': '#!/usr/bin/env node\nconsole.log("painting");\n' },
};

/** Says that somebody loaded it. */
const trap = {
  manifest: {
    version: '1.0.0',
    ...peer,
    exports: { './trap': './trap.js' },
    pipl: {
      kind: 'code',
      config: { trapped: './trap#CONFIG' },
      services: { trap: './trap#createTrap' },
      assetTypes: { Trap: './trap#Trap' },
      productTypes: { TrapProduct: './trap#Trap' },
      taskTypes: { TrapTask: './trap#Trap' },
    },
  },
  files: {
    'trap.js': `
import { writeFileSync } from 'node:fs';
if (process.env.TRAP) writeFileSync(process.env.TRAP, 'sprung');
export const CONFIG = {};
export const createTrap = () => ({});
export const Trap = {};
`,
  },
};

const packls = {
  '@film/color': color,
  '@film/env-base': envBase,
  '@film/env-blender': envBlender,
  '@film/trap': trap,
  '@film/pipeline': pipeline,
  '@film/studio': studio,
  '@film/store': store,
  '@film/tools': tools,
  ...brokenPackls,
};

export interface Studio extends Film {
  /** Runs it in the project, and it must work. */
  /** Writes a packl there. */
  packlAt(folder: string, packl: { files: Readonly<Record<string, string>>; [key: string]: unknown }): void;
  must(line: string | readonly string[], options?: Parameters<Film['pipl']>[1]): Promise<Ended>;
}

/** Its packls are published, nothing is installed. */
export async function makeStudio(): Promise<Studio> {
  const film = await makeFilm({ framework: true });
  const must: Studio['must'] = async (line, options = {}) => {
    const args = typeof line === 'string' ? line.split(' ') : line;
    const ended = await film.pipl(args, { cwd: film.project, ...options });
    if (ended.status !== 0) throw new Error(`pipl ${args.join(' ')}: ${ended.err}`);
    return ended;
  };
  const folders = Object.entries(packls).map(([name, { manifest, files }]) =>
    film.packl(name, manifest, files as Record<string, string>),
  );
  chmodSync(join(folders[1]!, 'bin/blender'), 0o755);
  await must(['packl', 'publish', ...folders]);
  const packlAt: Studio['packlAt'] = (folder, { files, ...manifest }) => {
    const all = {
      'package.json': JSON.stringify({ version: '1.0.0', type: 'module', ...manifest }),
      ...files,
    };
    mkdirSync(folder, { recursive: true });
    for (const [path, text] of Object.entries(all)) writeFileSync(join(folder, path), text);
  };
  return Object.assign(film, { must, packlAt });
}
