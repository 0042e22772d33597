/**
 * The peers of the benchmarks: openjd-cli from PyPI and openjd-rs (openjd-cli on crates.io), each installed once
 * into `.tools` by its own package manager. What cannot be installed here is missing, with the reason.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const tools = resolve(import.meta.dirname, '../../../.tools');

export interface Peer {
  readonly name: string;
  /** Its `openjd`; absent when it could not be installed. */
  readonly program?: string;
  readonly why?: string;
}

/** The last that rustc 1.94 builds; later ones want a newer compiler than Debian and many machines have. */
const rustVersion = '0.1.18';
const pythonVersion = '0.8.0';

export function findPeers(): { readonly rust: Peer; readonly python: Peer } {
  return { rust: rust(), python: python() };
}

function rust(): Peer {
  const root = join(tools, 'openjd-rs');
  const name = `openjd-rs ${rustVersion}`;
  const install = () =>
    run('cargo', ['install', 'openjd-cli', '--version', rustVersion, '--locked', '--root', root]);
  return peer(name, join(root, 'bin/openjd'), install);
}

function python(): Peer {
  const root = join(tools, 'openjd-py');
  const name = `openjd-cli ${pythonVersion} (PyPI)`;
  const install = () =>
    run('python3', ['-m', 'venv', root]) ??
    run(join(root, 'bin/pip'), ['install', '--quiet', `openjd-cli==${pythonVersion}`]);
  return peer(name, join(root, 'bin/openjd'), install);
}

function peer(name: string, program: string, install: () => string | undefined): Peer {
  if (existsSync(program)) return { name, program };
  process.stderr.write(`Installing ${name} into .tools; this takes minutes, once …\n`);
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
