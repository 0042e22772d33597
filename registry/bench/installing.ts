/**
 * A cold install of a hundred packages by pnpm, in turns from ours, from stock Verdaccio, and from a server that
 * only holds the answers: what pnpm takes by itself, and no server can take off.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { indexName, type Manifest } from '@pipl/packl';
import { connect, integrityOf } from '@pipl/registry-client';
import { figure, quantile, type Print } from '../../scripts/figures.ts';
import { publication } from './bodies.ts';
import { publish, publishers } from './publishing.ts';
import { startServer, type Running } from './servers.ts';

const packages = 100;
/** As many as a package has that people use. */
const versionsOfEach = 100;
const rounds = 3;
const names = Array.from({ length: packages }, (_, at) => `dependency-${at}`);

/** Milliseconds; nothing of an earlier install is there. */
async function coldInstall(url: string): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'pipl-bench-install-'));
  const home = join(dir, 'home');
  const place = join(dir, 'place');
  await mkdir(home);
  await mkdir(place);
  const manifest = {
    name: 'cold',
    version: '1.0.0',
    dependencies: Object.fromEntries(names.map((name) => [name, '*'])),
  };
  await writeFile(join(place, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(place, 'pnpm-workspace.yaml'), 'minimumReleaseAge: 0\n');
  await writeFile(join(place, '.npmrc'), `registry=${url}\n`);
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    XDG_CACHE_HOME: home,
    XDG_DATA_HOME: home,
    XDG_STATE_HOME: home,
    XDG_CONFIG_HOME: home,
    CI: 'true',
    pnpm_config_registry: url,
  };
  const began = performance.now();
  await promisify(execFile)('pnpm', ['install', '--no-frozen-lockfile', '--silent'], { cwd: place, env });
  const milliseconds = performance.now() - began;
  await rm(dir, { recursive: true, force: true });
  return milliseconds;
}

type Written = { readonly versions: Record<string, object>; readonly time: Record<string, string> };

/**
 * The last version of each is published to both; the others, which nobody downloads, only stand in the documents:
 * in ours they are published in a few big releases, into stock's storage they are written as it writes them.
 */
async function fill(ours: Running, stock: Running): Promise<void> {
  const of = (version: number) => Promise.all(names.map((name) => publication(name, `1.0.${version}`)));
  const last = await of(versionsOfEach - 1);
  await publish(stock, last, 1);
  await publish(ours, last, publishers);
  const { url, token = '' } = ours;
  const client = connect({ url: new URL(url).origin, token });
  for (let version = 0; version < versionsOfEach - 1; version++) {
    const packls = (await of(version)).map(({ manifest, tarball }) => ({
      manifest: manifest as unknown as Manifest,
      tarball,
      integrity: integrityOf(tarball),
    }));
    await client.release({ index: indexName('root/film'), packls });
  }
  for (const name of names) {
    const file = join(stock.dir, 'storage', name, 'package.json');
    const document = JSON.parse(await readFile(file, 'utf8')) as Written;
    const [known = {}] = Object.values(document.versions);
    for (let version = 0; version < versionsOfEach - 1; version++) {
      const number = `1.0.${version}`;
      document.versions[number] = { ...known, version: number, _id: `${name}@${number}` };
      document.time[number] = new Date().toISOString();
    }
    await writeFile(file, JSON.stringify(document));
  }
}

const byPnpm = `cold install of ${packages} packages by pnpm`;
const stockName = 'the same from Verdaccio 6.10.4 with its own storage';
const heldName = 'the same from node:http that holds the answers';

/** Their medians, in milliseconds. */
function printTimes(
  print: Print,
  { ours, stock, held }: Readonly<Record<'ours' | 'stock' | 'held', number>>,
) {
  const goal = 'at most 0.4x';
  const byStock = { unit: 'ms', baseline: stock, baselineName: stockName };
  print(figure(byPnpm, { value: ours, ...byStock, goal, holds: ours <= 0.4 * stock }));
  const reported = { goal: 'reported', holds: true };
  print(figure(`${byPnpm}, the least that any server allows`, { value: held, ...byStock, ...reported }));
  const byHeld = { unit: 'ms', baseline: held, baselineName: heldName };
  print(figure(`${byPnpm}, of what pnpm takes by itself`, { value: ours, ...byHeld, ...reported }));
}

export async function benchInstalling(print: Print): Promise<void> {
  await using ours = await startServer('serve-ours.ts');
  await using stock = await startServer('serve-stock.ts');
  await fill(ours, stock);
  const answers = join(ours.dir, 'held.json');
  await writeFile(answers, JSON.stringify({ url: ours.url, names }));
  await using held = await startServer('serve-held.ts', answers);
  const servers = [ours, stock, held].map(({ url }) => ({ url, times: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const { url, times } of servers) times.push(await coldInstall(url));
  }
  const [byOurs = 0, byStock = 0, byHeld = 0] = servers.map(({ times }) => quantile(times, 0.5));
  printTimes(print, { ours: byOurs, stock: byStock, held: byHeld });
}
