/**
 * The peers of the benchmarks: openjd-cli from PyPI and openjd-rs (openjd-cli on crates.io), each installed once
 * into `.tools` by its own package manager. What cannot be installed here is missing, with the reason.
 */
import { join } from 'node:path';
import { peer, run, tools, type Peer } from '../../../scripts/peer.ts';

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
