/** Webhooks, signing keys and `pipl verify` from the command line, on one served project. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Film, makeFilm, typedIn } from './film.ts';

let film: Film;
beforeAll(async () => {
  film = await makeFilm();
}, 540_000);
afterAll(() => film?.[Symbol.asyncDispose]());

const { run, refused } = typedIn(() => film);

test('a webhook is added, tried, told of a publish, and removed', async () => {
  const told: string[] = [];
  const heard = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => told.push(text));
    request.once('end', () => {
      response.end();
      if (told.join('').includes('pipl.publish')) heard.resolve();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  const added = await run(`proj webhook add http://${host}/ --index root/PROJ --op publish`);
  const id = /^Added (\w+) for/.exec(added)?.[1] ?? '';

  expect(added).toMatch(/^secret\twhsec_\S+$/m);
  expect(await refused(`proj webhook test ${id}`)).toEqual([8, 'PIPL_NOT_DELIVERED']);
  expect(await run(`proj reach add ${host}`)).toBe(`The server may call ${host}, whatever address it has\n`);
  expect(await run('proj reach list')).toBe(`${host}\n`);
  expect(await run(`proj webhook test ${id}`)).toBe('ping\tdelivered\t200\n');
  await run(`packl publish ${film.packl('@film/bunny', { pipl: { kind: 'code' } })}`);
  await heard.promise;
  expect(await run('proj webhook ls')).toContain(`${id}\thttp://${host}/\troot/PROJ publish\t`);
  expect(await run(`proj webhook redeliver ${id}`)).toBe('Nothing was given up\n');
  expect(await run(`proj webhook rm ${id}`)).toBe(`Removed the webhook ${id}\n`);
  expect(await refused(`proj webhook test ${id}`)).toEqual([3, 'PIPL_NO_WEBHOOK']);
  server.close();
});

test('the server tells of its reactor: in its metrics, and with links on its front page', async () => {
  const { json } = await film.pipl(['proj', 'status', '--json'], { cwd: film.project });
  const { url } = json.data as { url: string };

  const metrics = await (await fetch(`${url}/metrics`)).text();
  const page = await (await fetch(`${url}/`)).text();

  expect(metrics).toMatch(/^pipl_reactor_cursor \d+$/m);
  expect(metrics).toMatch(/^pipl_waves_open 0$/m);
  expect(page).toContain('href="/-/pipl/v1/runs"');
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test('a version is verified with the server, over a new key, and without the server', async () => {
  await run(`packl publish ${film.packl('@film/carrot', { pipl: { kind: 'code' } })}`);
  const [first = ''] = (await run('proj keys list')).split('\t');

  expect(await run('verify @film/carrot')).toBe(`@film/carrot@1.0.0 is what was signed with ${first}\n`);
  expect(await run('proj keys rotate')).toMatch(/^New versions are signed with SHA256:/);
  await run(`packl publish ${film.packl('@film/carrot', { version: '1.1.0', pipl: { kind: 'code' } })}`);
  const [, second = ''] = (await run('proj keys list')).trim().split('\n');
  expect(second).toMatch(/\tsigns$/);
  expect(await run('verify @film/carrot')).toBe(
    `@film/carrot@1.1.0 is what was signed with ${second.split('\t')[0]}\n`,
  );

  await run('proj stop');
  expect(await run('verify @film/carrot@1.0.0')).toContain(first);
  expect(await refused('verify @film/bunny@9.9.9')).toEqual([3, 'PIPL_NOT_SEEN']);
  const other = join(film.folder, 'other.tgz');
  writeFileSync(other, 'not the tarball');
  expect(await refused(`verify @film/carrot@1.0.0 --file ${other}`)).toEqual([7, 'PIPL_SIGNATURE']);
});

test('what claims to be signed is not believed without a key that is known', async () => {
  await run('proj start --detach');
  const trust = join(film.folder, 'home/.config/pipl/trust');
  const [project = ''] = readdirSync(trust);
  const file = join(trust, project, 'keys.json');
  const { keys } = JSON.parse(readFileSync(file, 'utf8')) as { keys: { keyid: string }[] };
  const stranger = { ...keys[0], keyid: 'SHA256:AAAA', key: 'AAAA' };
  writeFileSync(file, JSON.stringify({ keys: [stranger] }));

  expect(await refused('verify @film/carrot@1.0.0')).toEqual([7, 'PIPL_SIGNATURE']);

  expect(await run('verify @film/carrot@1.0.0 --trust')).toContain(keys[0]?.keyid);
});
