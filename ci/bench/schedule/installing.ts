/**
 * The schedulers that the benchmark is measured against, each installed once into `.tools` by its own package
 * manager. What cannot be installed here is missing, with the reason.
 */
import { join } from 'node:path';
import { peer, run, tools, type Peer } from '../../../scripts/peer.ts';

const versions = { snakemake: '9.27.1', dvc: '3.67.1', turbo: '2.11.11' } as const;

export type PeerName = keyof typeof versions;

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
