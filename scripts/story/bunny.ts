/**
 * The story of the README, told with the real command line on a real project: a model makes a movie, a new
 * grade makes two runs, a new model of the same size makes seven, and a major version makes none.
 *
 * The demo shows it; the acceptance test asserts it by name. It leaves the server running.
 */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { RunView } from '@pipl/registry-client';
import { pipl, piplExec, typed } from './cli.ts';
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

/** The versions after the first: how each is bumped, and why. */
const steps: Readonly<Record<string, { part: 'minor' | 'major'; why: string }>> = {
  '1.1.0': { part: 'minor', why: 'stripes and a glaze, as big as before' },
  '2.0.0': { part: 'major', why: 'another bunny' },
};

export interface Published {
  readonly published: readonly { readonly name: string; readonly version: string; readonly seq: number }[];
}

/** A project whose server is up, with the pipeline and the nine tasks in it; and what people do there. */
export interface BunnyProject {
  readonly project: string;
  readonly url: string;
  publishModel(version: string): Promise<Published>;
  publishGrade(): Promise<Published>;
  why(subject: string): Promise<readonly string[]>;
}

/** @param project a folder that is not there yet @param database address of an empty PostgreSQL database */
export async function startBunny(
  project: string,
  listener: Pick<Listener, 'command'>,
  database?: string,
): Promise<BunnyProject> {
  const ask = async <Data>(args: string[], cwd: string): Promise<Data> => {
    listener.command(typed(args));
    return pipl<Data>(args, { cwd });
  };
  const workspaces = join(project, 'workspaces');
  const tasks = join(workspaces, 'tasks');
  const bunny = join(workspaces, 'modeling', 'bunny');
  const publish = (cwd: string, ...folders: string[]): Promise<Published> =>
    ask(['packl', 'publish', ...folders], cwd);

  const where = database === undefined ? [] : ['--database', database];
  await ask(['proj', 'create', project, '--port', '0', ...where], resolve(project, '..'));
  const { url } = await ask<{ url: string }>(['proj', 'start', '--detach'], project);
  await ask(['work', 'create', 'tasks'], project);
  for (const folder of ['pipeline', ...taskNames]) {
    await cp(join(sources, folder), join(tasks, folder), { recursive: true });
  }
  await publish(tasks, 'pipeline');
  await publish(tasks, ...taskNames);
  await ask(['work', 'create', 'modeling'], project);
  await cp(join(sources, 'bunny'), bunny, { recursive: true });
  await ask(['packl', 'add', '@film/pipeline', 'what a model is, and the program that makes it'], bunny);

  return {
    project,
    url,
    async publishModel(version) {
      const step = steps[version];
      if (step !== undefined) await ask(['packl', 'bump', step.part, step.why], bunny);
      const make = ['film-bunny', version, '../bunny.glb'];
      listener.command(typed(['work', 'exec', '--', ...make]));
      await piplExec(make, { cwd: bunny });
      await ask(['asset', 'add', 'scene', '../bunny.glb', '--type', 'GltfScene'], bunny);
      return publish(bunny, '.');
    },
    async publishGrade() {
      const comp = join(tasks, 'sh010-comp');
      await editParameters(join(comp, 'package.json'), (parameters) => ({
        ...parameters,
        grade: { ...(parameters['grade'] as Json), gain: 1.15, tint: [1.1, 1, 0.88] },
      }));
      await ask(['packl', 'bump', 'patch', 'a warmer grade'], comp);
      return publish(comp, '.');
    },
    why: async (subject) => (await ask<{ lines: string[] }>(['why', subject], project)).lines,
  };
}

export async function tellBunny(project: string, listener: Listener): Promise<Story> {
  listener.chapter('A project, its server, a pipeline and nine tasks');
  const film = await startBunny(project, listener);
  const chapters: Chapter[] = [];
  const tell = async (title: string, act: () => Promise<Published>): Promise<void> => {
    listener.chapter(title);
    const change = Math.max(...(await act()).published.map(({ seq }) => seq));
    const runs = await followWave({ url: film.url, change, onRuns: (now) => listener.wave(now, false) });
    listener.wave(runs, true);
    chapters.push({ title, change, runs });
  };

  await tell('bunny@1.0.0: a model makes a movie', () => film.publishModel('1.0.0'));
  await tell('A new grade in sh010: two runs', () => film.publishGrade());
  await tell('bunny@1.1.0, as big as before: layouts stay, the rest follows', () =>
    film.publishModel('1.1.0'),
  );
  await tell('bunny@2.0.0: every task asks for ^1, so nothing runs', () => film.publishModel('2.0.0'));
  const why = await film.why('@film/bunny@2.0.0');
  for (const line of why) listener.note(line);
  return { project, url: film.url, chapters, why };
}

type Json = Record<string, unknown>;

async function editParameters(file: string, edit: (parameters: Json) => Json): Promise<void> {
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Json & { pipl: Json };
  const parameters = edit((manifest.pipl['parameters'] ?? {}) as Json);
  await writeFile(
    file,
    `${JSON.stringify({ ...manifest, pipl: { ...manifest.pipl, parameters } }, null, 2)}\n`,
  );
}
