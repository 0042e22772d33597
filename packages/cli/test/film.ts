/** A project made and served by the real, bundled command, for tests: its own home, its own folder, gone at the end. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packTarball } from '@pipl/registry-client';
import { expect, vi } from 'vitest';
import { builtOnce } from '../../pipe/test/built-once.ts';
import { expectAdmitted } from './admitted.ts';

// A test here is a dozen processes: minutes where others keep the machine busy.
vi.setConfig({ testTimeout: 600_000 });

const cli = fileURLToPath(new URL('..', import.meta.url));

/** The command as it is shipped, built from the sources of now. */
const built = lazily(() => join(builtOnce(cli), 'pipl.mjs'));

const builtPipe = (): string => join(builtOnce(join(cli, '../pipe')), 'pipl-pipe-1.0.0.tgz');

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
  readonly json: { ok: boolean; data: never; error: { code: string }; warnings: string[] };
}

export interface RunOptions {
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** the command in front of ours, for another user */
  readonly as?: readonly string[];
}

export interface Film extends AsyncDisposable {
  readonly folder: string;
  readonly project: string;
  pipl(args: readonly string[], options?: RunOptions): Promise<Ended>;
  /** The command while it runs: its process is ours to signal. */
  begin(args: readonly string[], options?: RunOptions): ChildProcessWithoutNullStreams;
  /** for a program that starts ours */
  commandLine(args: readonly string[]): { args: string[]; env: NodeJS.ProcessEnv };
  /** @returns the folder of a packl in the workspace */
  packl(name: string, manifest: object, files?: Readonly<Record<string, string>>): string;
}

/** @param start whether its server runs @param framework the real `@pipl/pipe`, built from the sources of now */
export async function makeFilm({
  start = true,
  framework = false,
}: { start?: boolean; framework?: boolean } = {}): Promise<Film> {
  const folder = mkdtempSync(join(tmpdir(), 'pipl-film-'));
  const project = join(folder, 'film');
  const pipe = join(folder, 'pipe.tgz');
  const manifest = { name: '@pipl/pipe', version: '1.0.0', type: 'module', pipl: { kind: 'code' } };
  const { tarball } = await packTarball(new Map([['package.json', Buffer.from(JSON.stringify(manifest))]]));
  if (framework) copyFileSync(builtPipe(), pipe);
  else writeFileSync(pipe, tarball);
  const home = { HOME: join(folder, 'home'), XDG_CONFIG_HOME: join(folder, 'home/.config'), PIPL_PIPE: pipe };
  mkdirSync(home.HOME);

  const pipl = async (
    args: readonly string[],
    { cwd = folder, input = '', env = {}, as = [] }: RunOptions = {},
  ) => {
    const around = { cwd, input, env: { ...outside(), ...home, ...env } };
    const ended = await run([...as, process.execPath, built(), ...args], around);
    expectAdmitted(args, ended.out);
    return ended;
  };
  const workspace = join(project, 'workspaces', 'film');
  const film: Film = {
    folder,
    project,
    pipl,
    begin: (args, { cwd = folder, env = {} } = {}) =>
      spawn(process.execPath, [built(), ...args], { cwd, env: { ...outside(), ...home, ...env } }),
    commandLine: (args) => ({ args: [process.execPath, built(), ...args], env: { ...outside(), ...home } }),
    packl(name, content, files = {}) {
      const at = join(workspace, name.slice(name.indexOf('/') + 1));
      const all = {
        'package.json': JSON.stringify({ name, version: '1.0.0', type: 'module', ...content }),
        ...files,
      };
      for (const [path, text] of Object.entries(all)) {
        mkdirSync(dirname(join(at, path)), { recursive: true });
        writeFileSync(join(at, path), text);
      }
      return at;
    },
    async [Symbol.asyncDispose]() {
      if (existsSync(project)) await pipl(['proj', 'stop', project]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  const must = async (args: readonly string[]) => {
    const ended = await pipl(args, { cwd: existsSync(project) ? project : folder });
    if (ended.status !== 0) throw new Error(`pipl ${args.join(' ')}: ${ended.err}`);
  };
  await must(['proj', 'create', project]);
  if (start) await must(['proj', 'start', '--detach']);
  await must(['work', 'create', 'film']);
  return film;
}

/** What this process runs in must not speak: no project of ours, no settings of npm. */
const outside = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:PIPL_|npm_|VITEST|NODE_OPTIONS)/i.test(name)),
  );

export function run(
  [file, ...args]: readonly string[],
  { cwd, input, env }: { cwd: string; input: string; env: NodeJS.ProcessEnv },
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(file!, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (text) => (out += text));
    child.stderr.on('data', (text) => (err += text));
    child.once('error', reject);
    child.once('close', (status) =>
      resolve({
        status,
        out,
        err,
        get json() {
          return JSON.parse(out) as never;
        },
      }),
    );
    child.stdin.end(input);
  });
}

/**
 * Changes when a path, a mode or a byte below the folder changes. Left out is what a running server writes: its
 * database, and blobs, which it writes before the transaction that may refuse them and sweeps when it starts.
 */
export function hashOf(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()) {
    if (/(?:^|\/)system\/(?:db|run|blobs)\//.test(name)) continue;
    const found = lstatSync(join(folder, name));
    hash.update(`${name}\0${found.mode}\0`);
    if (found.isFile()) hash.update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex');
}

/** The error's three lines, notes and warnings above them left out. */
export const errorOf = ({ err }: Ended): string[] => {
  const lines = err.trimEnd().split('\n');
  return lines.slice(lines.findIndex((line) => line.startsWith('error:')));
};

/** Skips for a reason; with PIPL_TEST_REQUIRE=all what this machine lacks is a failure. */
export function lacking(context: { skip(reason: string): never }, reason: string): never {
  if (process.env['PIPL_TEST_REQUIRE'] === 'all') throw new Error(reason);
  return context.skip(reason);
}

/** Commands as one types them, in the folder of the project: what they print, and how they are refused. */
export const typedIn = (film: () => Film) => ({
  run: async (line: string, options: RunOptions = {}): Promise<string> => {
    const ended = await film().pipl(line.split(' '), { cwd: film().project, ...options });
    expect([line, ended.status, ended.err]).toEqual([line, 0, expect.any(String)]);
    return ended.out;
  },
  refused: async (line: string, options: RunOptions = {}): Promise<[number | null, string | undefined]> => {
    const ended = await film().pipl([...line.split(' '), '--json'], { cwd: film().project, ...options });
    return [ended.status, ended.json.error?.code];
  },
});
