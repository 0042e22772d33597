/** The clients of the matrix, each of one pinned version, with a clean home and no other registry than this one. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { film, type Ran, type Scene } from './scene.ts';

const installed = join(import.meta.dirname, '..', 'node_modules');
/** npm and yarn are dev dependencies of this package; pnpm is the one that installed them. */
const programs = {
  'npm 10': [process.execPath, join(installed, 'npm-10/bin/npm-cli.js')],
  'npm 11': [process.execPath, join(installed, 'npm-11/bin/npm-cli.js')],
  'pnpm 12': ['pnpm'],
  'yarn 4': [process.execPath, join(installed, 'yarn-4/bin/yarn.js')],
  changeset: [process.execPath, join(installed, '@changesets/cli/bin.js')],
} as const;
export type Program = keyof typeof programs;

/** What a program prints last before it waits → what a person does then. */
export type Typing = Readonly<Record<string, string | ((printed: string) => unknown)>>;

export interface Desk {
  readonly cwd: string;
  /** user, home: where logins are kept */
  readonly home: string;
  run(args: readonly string[], typing?: Typing): Promise<Ran & { readonly both: string }>;
  write(files: Readonly<Record<string, string>>): Promise<void>;
}

function environment(home: string, address: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
    HOME: home,
    XDG_CONFIG_HOME: home,
    XDG_CACHE_HOME: home,
    XDG_DATA_HOME: home,
    XDG_STATE_HOME: home,
    NO_COLOR: '1',
    NO_UPDATE_NOTIFIER: '1',
    CI: 'true',
    npm_config_registry: address,
    npm_config_userconfig: join(home, '.npmrc'),
    npm_config_globalconfig: join(home, 'none'),
    npm_config_cache: join(home, 'cache'),
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    npm_config_fetch_retries: '0',
    pnpm_config_registry: address,
    YARN_ENABLE_GLOBAL_CACHE: 'false',
    YARN_ENABLE_TELEMETRY: '0',
    YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
    YARN_NODE_LINKER: 'node-modules',
    YARN_NPM_REGISTRY_SERVER: address.replace(/\/$/, ''),
    YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
    YARN_NPM_MINIMAL_AGE_GATE: '0',
    YARN_RC_FILENAME: '.yarnrc.yml',
  };
}

/** @param env more of the environment */
export async function desk(
  scene: Scene,
  { program, index = film, env = {} }: { program: Program; index?: string; env?: NodeJS.ProcessEnv },
): Promise<Desk> {
  const root = await mkdtemp(join(scene.dir, 'desk-'));
  const [home, cwd] = [join(root, 'home'), join(root, 'here')];
  await mkdir(home);
  await mkdir(cwd);
  const address = `${scene.registry.url}/${index}/`;
  const [file, ...first] = programs[program];
  const all = { ...environment(home, address), ...env };
  const write = async (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(cwd, name)), { recursive: true });
      await writeFile(join(cwd, name), text);
    }
  };
  await write({ 'pnpm-workspace.yaml': 'minimumReleaseAge: 0\n', '.npmrc': `registry=${address}\n` });
  const run = (args: readonly string[], typing: Typing = {}) =>
    new Promise<Ran & { both: string }>((resolve, reject) => {
      const child = spawn(file, [...first, ...args], { cwd, env: all, timeout: 60_000 });
      let [stdout, stderr] = ['', ''];
      const answered = new Set<string>();
      const heard = (_text: string) => {
        const both = stdout + stderr;
        for (const [prompt, doing] of Object.entries(typing)) {
          if (answered.has(prompt) || !both.includes(prompt)) continue;
          answered.add(prompt);
          if (typeof doing === 'string') child.stdin.write(`${doing}\n`);
          else void doing(both);
        }
      };
      child.stdout.setEncoding('utf8').on('data', (text: string) => heard((stdout += text)));
      child.stderr.setEncoding('utf8').on('data', (text: string) => heard((stderr += text)));
      if (Object.keys(typing).length === 0) child.stdin.end();
      child.once('error', reject);
      child.once('close', (status) =>
        resolve({ status: status ?? 1, stdout, stderr, both: stdout + stderr }),
      );
    });
  return { cwd, home, run, write };
}
