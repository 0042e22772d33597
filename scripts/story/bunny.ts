/**
 * The story of the README, told with the real command line on a real project: a model makes a movie, a new
 * grade makes two runs, a new model of the same size makes seven, and a major version makes none.
 *
 * The demo shows it; the acceptance test asserts it by name. It leaves the server running.
 */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { RunView } from '@pipl/registry-client';
import { pipl, typed } from './cli.ts';
import { followWave } from './waves.ts';

const sources = resolve(import.meta.dirname, '../../projects/bunny-short');
export const taskNames = [
  'sh010-layout',
  'sh010-anim',
  'sh010-render',
  'sh010-comp',
  'sh020-layout',
  'sh020-anim',
  'sh020-render',
  'sh020-comp',
  'review',
] as const;

export interface Listener {
  chapter(title: string): void;
  command(line: string): void;
  note(line: string): void;
  /** the runs of the wave as they are now; `done` on the last call */
  wave(runs: readonly RunView[], done: boolean): void;
}

export interface Chapter {
  readonly title: string;
  /** the change that a person made */
  readonly change: number;
  readonly runs: readonly RunView[];
}

export interface Story {
  readonly project: string;
  readonly url: string;
  readonly chapters: readonly Chapter[];
  /** what `pipl why` said about the version that woke nobody */
  readonly why: readonly string[];
}

interface Published {
  readonly published: readonly { name: string; version: string; seq: number }[];
}

export async function tellBunny(project: string, listener: Listener): Promise<Story> {
  const ask = async <Data>(args: string[], cwd: string): Promise<Data> => {
    listener.command(typed(args));
    return pipl<Data>(args, { cwd });
  };
  const workspace = join(project, 'workspaces', 'film');
  const chapters: Chapter[] = [];
  let url = '';
  const tell = async (title: string, act: () => Promise<Published>): Promise<void> => {
    listener.chapter(title);
    const { published } = await act();
    const change = Math.max(...published.map(({ seq }) => seq));
    const onRuns = (runs: readonly RunView[]): void => listener.wave(runs, false);
    const runs = await followWave({ url, change, onRuns });
    listener.wave(runs, true);
    chapters.push({ title, change, runs });
  };
  const publish = (...folders: string[]): Promise<Published> => ask(['packl', 'publish', ...folders], workspace);
  const model = async (version: string): Promise<Published> => {
    const bunny = join(workspace, 'bunny');
    await ask(['work', 'exec', '--', 'node', 'pipeline/src/make-bunny.ts', version, 'bunny.glb'], workspace);
    await ask(['asset', 'add', 'scene', '../bunny.glb'], bunny);
    await editJson(join(bunny, 'package.json'), (manifest) => ({ ...manifest, version }));
    return publish('bunny');
  };

  listener.chapter('A project, its server, and a pipeline');
  await ask(['proj', 'create', project, '--port', '0'], resolve(project, '..'));
  ({ url } = await ask<{ url: string }>(['proj', 'start', '--detach'], project));
  await ask(['work', 'create', 'film'], project);
  for (const folder of ['pipeline', 'bunny', ...taskNames]) {
    await cp(join(sources, folder), join(workspace, folder), { recursive: true });
  }
  await ask(['work', 'install'], workspace);
  await publish('pipeline');
  await publish(...taskNames);

  await tell('bunny@1.0.0: a model makes a movie', () => model('1.0.0'));
  await tell('A new grade in sh010: two runs', async () => {
    const manifest = join(workspace, 'sh010-comp', 'package.json');
    await editJson(manifest, ({ pipl: field, ...rest }) => ({ ...rest, pipl: warmer(field) }));
    await ask(['packl', 'bump', 'patch', 'warmer'], join(workspace, 'sh010-comp'));
    return publish('sh010-comp');
  });
  await tell('bunny@1.1.0, as big as before: layouts stay, the rest follows', () => model('1.1.0'));
  await tell('bunny@2.0.0: every task asks for ^1, so nothing runs', () => model('2.0.0'));
  const { lines } = await ask<{ lines: string[] }>(['why', '@film/bunny@2.0.0'], project);
  for (const line of lines) listener.note(line);
  return { project, url, chapters, why: lines };
}

type Json = Record<string, unknown>;

/** The new grade: more gain, a warmer tint. */
function warmer(field: unknown): Json {
  const { parameters, ...rest } = field as { parameters: Json };
  return { ...rest, parameters: { ...parameters, gain: 1.15, tint: [1.08, 1, 0.9] } };
}

async function editJson(file: string, edit: (json: Json) => Json): Promise<void> {
  const json = JSON.parse(await readFile(file, 'utf8')) as Json;
  await writeFile(file, `${JSON.stringify(edit(json), null, 2)}\n`);
}
