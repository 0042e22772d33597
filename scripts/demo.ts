/**
 * `npm run demo`: the story of the README on a fresh project in `demo/`, live. `--keep` leaves the server up
 * and prints what to look at; `--dir FOLDER` makes the project elsewhere.
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { indexName, PiplError } from '@pipl/packl';
import { connect, type RunView } from '@pipl/registry-client';
import { tellBunny, type Listener } from './story/bunny.ts';
import { pipl, piplCommand } from './story/cli.ts';
import { runLine } from './story/run-line.ts';

const { values } = parseArgs({ options: { keep: { type: 'boolean' }, dir: { type: 'string' } } });
const began = Date.now();
const out = (line: string): void => void process.stdout.write(`${line}\n`);

/** One line a run. On a terminal a running line is redrawn; elsewhere each run is told when it starts and ends. */
function liveListener(): Listener {
  const terminal = process.stdout.isTTY === true;
  const told = new Map<string, string>();
  let drawn = 0;
  return {
    chapter: (title) => out(`\n${title}  (${((Date.now() - began) / 1000).toFixed(0)} s)`),
    command: (line) => out(`  $ ${line}`),
    note: (line) => out(`    ${line}`),
    wave(runs, done) {
      if (terminal) {
        if (drawn > 0) process.stdout.write(`\u001B[${drawn}A\u001B[J`);
        for (const run of runs) out(`    ${runLine(run)}`);
        drawn = done ? 0 : runs.length;
      } else {
        for (const run of runs) {
          if (told.get(run.attempt) === run.state) continue;
          told.set(run.attempt, run.state);
          if (run.state !== 'waiting') out(`    ${runLine(run)}`);
        }
      }
      if (done) out(`    ${runs.length === 0 ? 'nothing ran' : `${runs.length} runs`}`);
    },
  };
}

async function main(): Promise<number> {
  const project = resolve(values.dir ?? (await freshFolder()));
  const { url, chapters } = await tellBunny(project, liveListener());
  const films = await deliver(project, url);
  const bad = chapters
    .flatMap(({ runs }) => runs)
    .filter((run: RunView) => !['succeeded', 'unchanged'].includes(run.state));
  out(`\nThe film, after ${((Date.now() - began) / 1000).toFixed(0)} s:`);
  for (const film of films) out(`  ${film}`);
  if (values.keep) {
    out(`\nThe server is up. Look at:`);
    out(`  ${url}/root/PROJ/                       its packls`);
    out(`  ${url}/root/PROJ/-/web/detail/@film/movie   the movie's page`);
    out(`  ${url}/-/pipl/v1/runs                   its runs, as JSON`);
    out(`Stop it: ${piplCommand(['proj', 'stop', project])}`);
  } else {
    await pipl(['proj', 'stop', project], { cwd: project });
    out(`\nStart its server again: ${piplCommand(['proj', 'start', project])}`);
  }
  return bad.length === 0 ? 0 : 9;
}

async function freshFolder(): Promise<string> {
  const parent = resolve(import.meta.dirname, '../demo');
  await mkdir(parent, { recursive: true });
  for (let number = 1; ; number += 1) {
    const folder = join(parent, `film-${number}`);
    if (!existsSync(folder)) return folder;
  }
}

/** The newest movie and contact sheet, copied out of the store under names that a person can open. */
async function deliver(project: string, url: string): Promise<string[]> {
  const client = connect({ url });
  const index = indexName('root/PROJ');
  const { latest } = (await client.packls(index)).find(({ name }) => name === '@film/movie') ?? {};
  const { rows } = await client.rows(index, '@film/movie');
  const product = rows.find(({ version }) => version === latest)?.manifest.pipl;
  if (product?.kind !== 'product') throw new Error('The movie is not there.');
  const { openStore } = await import('@pipl/assets');
  const store = await openStore(join(project, 'system', 'assets'));
  const films: string[] = [];
  for (const reference of Object.values(product.assets)) {
    const { path } = await store.checkout({ reference, to: join(project, 'film'), mode: 'copy' });
    films.push(path);
  }
  return films;
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    if (error instanceof PiplError) {
      for (const line of [error.message, error.why, error.hint]) if (line !== undefined) console.error(line);
      process.exit(error.exitStatus);
    }
    console.error(error);
    process.exit(1);
  },
);
