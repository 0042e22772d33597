/** Publishes a second, ours against stock Verdaccio and against the disk, in turns; and at version 2,000. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { figure, quantile, type Print } from '../../scripts/figures.ts';
import { publication, type Publication } from './bodies.ts';
import { openFloor, type Floor } from './floor.ts';
import { load, requestBytes } from './load.ts';
import { startServer, type Running } from './servers.ts';

const rounds = 5;
const inARound = 240;
/** Twice as many as may wait to be brought to disk. */
const onAndOn = 2048;
export const publishers = 8;
const floorSays = 'write, fsync, rename, fsync folder, one FULL commit each';

/** Of the same few packls on and on, each publisher its own: races of one packl are refused by stock. */
async function someOf(round: string, count = inARound): Promise<Publication[]> {
  const all: Publication[] = [];
  for (let at = 0; at < count; at++) {
    all.push(await publication(`packl-${at % publishers}`, `${round}.${at}`));
  }
  return all;
}

export async function publish(
  { url, token }: Pick<Running, 'url' | 'token'>,
  publications: readonly Publication[],
  connections: number,
) {
  const requests = publications.map(({ name, document }) =>
    requestBytes({ method: 'PUT', url: `${url}${name}`, token, body: document }),
  );
  return load({ url, connections, next: () => requests.shift() });
}

/** Resolves when all that ours acknowledged is in files on disk: it shall not be in the way of who is measured next. */
async function settled({ dir }: Running): Promise<void> {
  const db = new DatabaseSync(join(dir, 'db', 'pipl.sqlite'), { readOnly: true });
  const left = db.prepare('select count(*) as count from registry_arriving');
  while (left.get()?.['count'] !== 0) await pause(20);
  db.close();
}

const rate = ({ answers, seconds }: { answers: number; seconds: number }) => answers / seconds;
const median = (values: readonly number[]) => quantile(values, 0.5);

export async function benchPublishing(print: Print): Promise<void> {
  await using ours = await startServer('serve-ours.ts');
  await using stock = await startServer('serve-stock.ts');
  const dir = await mkdtemp(join(tmpdir(), 'pipl-bench-'));
  const floor = await openFloor(dir);
  const kinds = [
    { at: 1, name: 'sequential', times: 1.5 },
    { at: publishers, name: '8 in parallel', times: 3 },
  ];
  const measured = kinds.map((kind) => ({ ...kind, ours: [0], stock: [0], floor: [0] }));
  // The first round warms up and is not counted.
  for (let round = 0; round <= rounds; round++) {
    for (const [number, one] of measured.entries()) {
      const publications = await someOf(`${number + 1}.${round}`);
      one.floor[round] = await floor.rate(publications, one.at);
      one.ours[round] = rate(await publish(ours, publications, one.at));
      await settled(ours);
      one.stock[round] = rate(await publish(stock, publications, one.at));
    }
  }
  print(await sustained(ours, floor));
  floor.close();
  await rm(dir, { recursive: true, force: true });
  for (const { name, times, ...one } of measured) {
    const [value, byStock, byDisk] = [one.ours, one.stock, one.floor].map((all) => median(all.slice(1))) as [
      number,
      number,
      number,
    ];
    const against = { value, unit: 'publishes/s' };
    const goals = { stock: `at least ${times}x`, floor: 'at least 0.5x' };
    print(
      figure(`publish, ${name}`, {
        ...against,
        baseline: byStock,
        baselineName: 'Verdaccio 6.10.4 with its own storage, without fsync',
        goal: goals.stock,
        holds: value >= times * byStock,
      }),
    );
    print(
      figure(`publish, ${name}, of what the disk allows`, {
        ...against,
        baseline: byDisk,
        baselineName: `${floorSays}, ${name}`,
        goal: goals.floor,
        holds: value >= 0.5 * byDisk,
      }),
    );
  }
}

/** What ours does behind its answers is counted in: on and on, until the last file is on disk. */
async function sustained(ours: Running, floor: Floor) {
  const byDisk = await floor.rate(await someOf('3.1', inARound), publishers);
  const publications = await someOf('3.0', onAndOn);
  const began = performance.now();
  await publish(ours, publications, publishers);
  await settled(ours);
  const value = onAndOn / ((performance.now() - began) / 1000);
  return figure(`publish, ${onAndOn} on end and all of them in files on disk`, {
    value,
    unit: 'publishes/s',
    baseline: byDisk,
    baselineName: `${floorSays}, ${publishers} in parallel`,
    goal: 'at least 0.5x',
    holds: value >= 0.5 * byDisk,
  });
}

const versions = 2000;
const looked = 60;

/** One packl with two thousand versions, and in turns with its next ones the first versions of others. */
export async function benchManyVersions(print: Print): Promise<void> {
  await using ours = await startServer('serve-ours.ts');
  const batch = 200;
  for (let from = 0; from < versions; from += batch) {
    const some = Array.from({ length: batch }, (_, at) => publication('many', `1.0.${from + at}`));
    await publish(ours, await Promise.all(some), publishers);
  }
  const turns: Publication[] = [];
  for (let at = 0; at < looked; at++) {
    turns.push(await publication(`other-${at}`, '1.0.0'), await publication('many', `2.0.${at}`));
  }
  const { milliseconds } = await publish(ours, turns, 1);
  const [first, last] = [0, 1].map((turn) => median(milliseconds.filter((_, at) => at % 2 === turn))) as [
    number,
    number,
  ];
  print(
    figure('publish at version 2,000', {
      value: last,
      unit: 'ms',
      baseline: first,
      baselineName: 'at version 1, in turns',
      goal: 'flat: at most 1.5x',
      holds: last <= 1.5 * first,
    }),
  );
}
