/** What a server costs while it stands: memory with few and many indexes, and how long a start takes. */
import { figure, quantile, type Print } from '../../scripts/figures.ts';
import { publication } from './bodies.ts';
import { load, requestBytes } from './load.ts';
import { publish } from './publishing.ts';
import { startServer, type Running } from './servers.ts';

const megabyte = 1024 * 1024;
const starts = 3;

async function firstAnswer(script: string): Promise<number> {
  const began = performance.now();
  await using server = await startServer(script);
  const response = await fetch(`${server.url}nobody-has-this`);
  await response.arrayBuffer();
  return performance.now() - began;
}

/** Something published, and read once through each of so many indexes. */
async function used(server: Running, indexes: number): Promise<number> {
  await publish(server, [await publication('packl', '1.0.0')], 1);
  const root = server.url.replace(/film\/$/, '');
  const requests = Array.from({ length: indexes }, (_, at) =>
    requestBytes({ method: 'GET', url: `${root}${at === 0 ? 'film' : `i${at}`}/packl`, token: server.token }),
  );
  await load({ url: server.url, connections: 1, next: () => requests.shift() });
  return server.memory() / megabyte;
}

export async function benchStanding(print: Print): Promise<void> {
  await using stock = await startServer('serve-stock.ts');
  await publish(stock, [await publication('packl', '1.0.0')], 1);
  const baseline = stock.memory() / megabyte;
  for (const indexes of [1, 50, 500]) {
    await using ours = await startServer('serve-ours.ts', String(indexes));
    const value = await used(ours, indexes);
    const goal = { goal: 'reported', holds: true };
    const baselineName = 'Verdaccio 6.10.4, one index';
    print(
      figure(`memory with ${indexes} indexes, all of them read`, {
        value,
        unit: 'MB',
        baseline,
        baselineName,
        ...goal,
      }),
    );
  }
  const times = { ours: [] as number[], stock: [] as number[] };
  for (let start = 0; start < starts; start++) {
    times.ours.push(await firstAnswer('serve-ours.ts'));
    times.stock.push(await firstAnswer('serve-stock.ts'));
  }
  const [value, other] = [quantile(times.ours, 0.5), quantile(times.stock, 0.5)];
  print(
    figure('start to first answer', {
      value,
      unit: 'ms',
      baseline: other,
      baselineName: 'Verdaccio 6.10.4 with its own storage',
      goal: 'reported',
      holds: true,
    }),
  );
}
