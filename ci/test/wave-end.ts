/** The end of a wave as whoever waits for it hears of it: in the feed, and through a webhook. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { indexName, type Change } from '@pipl/packl';
import { eventually, generatedProject } from './generated-project.ts';

interface Told {
  readonly type: string;
  readonly data: { readonly change: Change };
}

/** Somebody else's server. @returns what it was told, as it comes */
async function listener() {
  const told: Told[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    request.once('end', () => {
      told.push(JSON.parse(text) as Told);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { told, host: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/**
 * Three waves: one during which the server is killed, one whose only run fails, and the one that a retry sets off.
 * What wakes nobody is no wave.
 */
export async function hearTheEnds(database?: string) {
  await using production = await generatedProject(
    { a: ['@gen/seed'], b: ['@gen/a-note'] },
    database === undefined ? {} : { database },
  );
  const { client, path } = production;
  const { told, host } = await listener();
  const root = await production.asRoot();
  await root.allowHost(host);
  await root.addWebhook({ url: `http://${host}/`, indexes: [indexName('root/PROJ')], ops: ['settled'] });
  const heard = (many: number) => eventually(async () => (told.length >= many ? told : undefined), 30);

  const [gate, ink] = [join(path, 'gate'), join(path, 'ink')];
  await production.publishTask('a', '1.1.0', { parameters: { gate } });
  const change = await production.publishSeed('1.0.0', 'one');
  await production.run('a', ['running']);
  await production.kill();
  await writeFile(gate, '');
  await production.start();
  await heard(1);

  await production.settled(await production.publishTask('a', '1.2.0', { parameters: { needs: ink } }));
  await heard(2);
  await writeFile(ink, '');
  await (await production.asRoot()).retryTask('@gen/a');
  await heard(3);
  await production.settled(await production.publishSeed('2.0.0', 'outside of every range'));

  const { changes } = await client.changes({ since: 0 });
  const { waves } = await client.waves({});
  return { changes, first: change, waves, told };
}

/** The lines of the feed that tell of ends, in words. */
export const linesOf = ({ changes }: { readonly changes: readonly Change[] }): string[] =>
  changes
    .filter(({ op }) => op === 'settled')
    .map(
      ({ name, version, by, wave }) =>
        `${wave?.id}: ${name}@${version} by ${by} ${JSON.stringify(wave?.runs)}`,
    );

export const ends = [
  '1: @gen/seed@1.0.0 by root {"succeeded":2}',
  '2: @gen/a@1.2.0 by root {"failed":1}',
  '3: @gen/a@1.2.0 by root {"unchanged":1}',
];
