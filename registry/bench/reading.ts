/** Packuments a second, ours against stock Verdaccio and against `node:http` that answers the same bytes unseen. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { figure, quantile, type Print } from '../../scripts/figures.ts';
import { publication } from './bodies.ts';
import { again, load, requestBytes } from './load.ts';
import { publish } from './publishing.ts';
import { startServer } from './servers.ts';

const rounds = 5;
const inARound = 500;
const versions = 30;
const short = 'application/vnd.npm.install-v1+json';

export async function benchReading(print: Print): Promise<void> {
  await using ours = await startServer('serve-ours.ts');
  await using stock = await startServer('serve-stock.ts');
  const all = await Promise.all(
    Array.from({ length: versions }, (_, at) => publication('read', `1.0.${at}`)),
  );
  for (const server of [ours, stock]) await publish(server, all, 1);
  const body = await (await fetch(`${ours.url}read`, { headers: { accept: short } })).arrayBuffer();
  const file = join(ours.dir, 'answer.json');
  await writeFile(file, Buffer.from(body));
  await using plain = await startServer('serve-plain.ts', file);

  const servers = [
    { ...ours, token: undefined, rates: [0] },
    { ...ours, rates: [0] },
    { ...stock, rates: [0] },
    { ...plain, rates: [0] },
  ];
  for (let round = 0; round <= rounds; round++) {
    for (const { url, token, rates } of servers) {
      const request = requestBytes({ method: 'GET', url: `${url}read`, token, accept: short });
      const { answers, seconds } = await load({ url, connections: 8, next: again(request, inARound) });
      rates[round] = answers / seconds;
    }
  }
  const [anonymous = 0, known = 0, byStock = 0, byPlain = 0] = servers.map(({ rates }) =>
    quantile(rates.slice(1), 0.5),
  );
  const stockName = 'Verdaccio 6.10.4 with its own storage';
  const plainName = 'node:http that answers the same bytes';
  for (const [who, value] of [
    ['', anonymous],
    [', with a token', known],
  ] as const) {
    print(
      figure(`packument reads${who}`, {
        value,
        unit: 'reads/s',
        baseline: byStock,
        baselineName: stockName,
        goal: 'at least 5x',
        holds: value >= 5 * byStock,
      }),
    );
    print(
      figure(`packument reads${who}, of what node:http allows`, {
        value,
        unit: 'reads/s',
        baseline: byPlain,
        baselineName: plainName,
        goal: 'at least 0.4x',
        holds: value >= 0.4 * byPlain,
      }),
    );
  }
}
