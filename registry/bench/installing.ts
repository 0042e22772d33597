/** A cold install of a hundred packages by pnpm, from ours and from stock Verdaccio, in turns. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { figure, quantile, type Print } from '../../scripts/figures.ts';
import { publication } from './bodies.ts';
import { publish } from './publishing.ts';
import { startServer } from './servers.ts';

const packages = 100;
const versionsOfEach = 5;
const rounds = 3;

/** Milliseconds; nothing of an earlier install is there. */
async function coldInstall(url: string): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'pipl-bench-install-'));
  const home = join(dir, 'home');
  const place = join(dir, 'place');
  await mkdir(home);
  await mkdir(place);
  const names = Array.from({ length: packages }, (_, at) => [`dependency-${at}`, '*']);
  const manifest = { name: 'cold', version: '1.0.0', dependencies: Object.fromEntries(names) as object };
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

export async function benchInstalling(print: Print): Promise<void> {
  await using ours = await startServer('serve-ours.ts');
  await using stock = await startServer('serve-stock.ts');
  const all = await Promise.all(
    Array.from({ length: packages * versionsOfEach }, (_, at) =>
      publication(`dependency-${at % packages}`, `1.0.${Math.floor(at / packages)}`),
    ),
  );
  await publish(ours, all, 8);
  await publish(stock, all, 1);
  const times = { ours: [] as number[], stock: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    times.ours.push(await coldInstall(ours.url));
    times.stock.push(await coldInstall(stock.url));
  }
  const [value, baseline] = [quantile(times.ours, 0.5), quantile(times.stock, 0.5)];
  const baselineName = 'the same from Verdaccio 6.10.4 with its own storage';
  const goal = { goal: 'at most 0.4x', holds: value <= 0.4 * baseline };
  print(
    figure(`cold install of ${packages} packages by pnpm`, {
      value,
      unit: 'ms',
      baseline,
      baselineName,
      ...goal,
    }),
  );
}
