/**
 * The schedulers that the benchmark is measured against, each installed once into `.tools` by its own package
 * manager. What cannot be installed here is missing, with the reason.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const tools = resolve(import.meta.dirname, '../../../.tools');
const versions = { snakemake: '9.27.1', dvc: '3.67.1', turbo: '2.11.11' } as const;

export type PeerName = keyof typeof versions;

export interface Peer {
  readonly name: string;
  /** absent when it could not be installed */
  readonly program?: string;
  readonly why?: string;
}

export function findPeer(name: PeerName): Peer {
  const version = versions[name];
  const root = join(tools, `schedule-${name}`);
  const said = `${name} ${version}`;
  if (name === 'turbo') {
    const install = () =>
      run('npm', ['install', '--silent', '--no-audit', '--no-fund', '--prefix', root, `turbo@${version}`]);
    return peer(said, join(root, 'node_modules/.bin/turbo'), install);
  }
  const install = () =>
    run('python3', ['-m', 'venv', root]) ??
    run(join(root, 'bin/pip'), ['install', '--quiet', `${name}==${version}`]);
  return peer(said, join(root, 'bin', name), install);
}

function peer(name: string, program: string, install: () => string | undefined): Peer {
  if (existsSync(program)) return { name, program };
  process.stderr.write(`Installing ${name} into .tools; this takes minutes, once …\n`);
  mkdirSync(tools, { recursive: true });
  const why = install();
  if (why === undefined && existsSync(program)) return { name, program };
  process.stderr.write(`${name} is missing: ${why ?? 'it was not installed'}\n`);
  return { name, why: why ?? 'it was not installed' };
}

/** Why it failed; undefined when it did not. */
function run(file: string, args: readonly string[]): string | undefined {
  const { error, status, stderr } = spawnSync(file, args, { encoding: 'utf8' });
  if (error) return `${file} cannot be started`;
  return status === 0 ? undefined : `${file} ended with ${status}: ${stderr.trim().split('\n').at(-1)}`;
}
