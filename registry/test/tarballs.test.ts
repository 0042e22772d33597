/**
 * What nobody may publish: each is refused at once, in little memory, and leaves nothing, neither a row nor a
 * file. The server is a process of its own, so its memory is its own.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectTo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, integrityOf, packTarball, shasumOf } from '@pipl/registry-client';
import {
  archiveOf,
  refusedArchives,
  refusedManifests,
} from '../../packages/registry-client/test/tarball-corpus.ts';
import { film } from './scene.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const manifest = { name: 'a', version: '1.0.0' };
const sound = async (fields: object = {}) =>
  (await packTarball(new Map([['package.json', bytes(JSON.stringify({ ...manifest, ...fields }))]]))).tarball;

let server: { url: string; token: string; pid: number; dir: string };

const dir = await mkdtemp(join(tmpdir(), 'pipl-registry-'));
const child = spawn(process.execPath, [join(import.meta.dirname, 'serve-until-killed.ts'), dir], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const ended = once(child, 'exit');
const stop = () => child.kill('SIGKILL');
process.once('exit', stop);

beforeAll(async () => {
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  server = { ...(JSON.parse(line) as { url: string; token: string }), pid: child.pid ?? 0, dir };
});
afterAll(async () => {
  stop();
  await ended;
  await rm(dir, { recursive: true, force: true });
});

/** Everything the server keeps: rows, the feed, files. */
async function everything() {
  const client = connect(server);
  const { rows } = await client.rows(film);
  const { head } = await client.changes({ since: 0, limit: 1 });
  const files = readdirSync(join(server.dir, 'blobs'), { recursive: true, withFileTypes: true });
  return { rows, head, files: files.filter((one) => one.isFile()).map(({ name }) => name) };
}

interface Sent {
  readonly tarball: Uint8Array;
  readonly fields?: object;
  readonly dist?: object;
}

const documentOf = ({ tarball, fields = {}, dist = {} }: Sent) => ({
  name: 'a',
  'dist-tags': { latest: '1.0.0' },
  versions: {
    '1.0.0': {
      ...manifest,
      ...fields,
      dist: { integrity: integrityOf(tarball), shasum: shasumOf(tarball), ...dist },
    },
  },
  _attachments: { 'a-1.0.0.tgz': { data: Buffer.from(tarball).toString('base64') } },
});

async function put(body: string): Promise<{ status: number; code: string; why: string }> {
  const response = await fetch(`${server.url}/${film}/a`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
    body,
  });
  const { code = '', why = '' } = (await response.json()) as { code?: string; why?: string };
  return { status: response.status, code, why };
}

const peakOf = (pid: number): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** Seconds of processor time: how long the clock runs depends on what else the machine does. */
const workOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
};

/** What became of it. */
async function outcomeOf(body: string) {
  const before = await everything();
  const worked = workOf(server.pid);
  const { status, code, why } = await put(body);
  const isQuick = workOf(server.pid) - worked < 1;
  const isNothingKept = isDeepStrictEqual(await everything(), before);
  return { code, why, isRefused: status >= 400 && status < 500, isQuick, isNothingKept };
}
const refusedAtOnce = { isRefused: true, isQuick: true, isNothingKept: true };

const archives = { ...refusedArchives, ...refusedManifests };
test.each(Object.entries(archives))('refused, nothing kept: %s', async (_what, { why, tarball }) => {
  const outcome = await outcomeOf(JSON.stringify(documentOf({ tarball: tarball() })));
  expect(outcome).toEqual({
    ...refusedAtOnce,
    code: 'PIPL_TARBALL',
    why: expect.stringMatching(why) as string,
  });
});

const sha1 = createHash('sha1').update('other').digest('hex');
const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const changed = (document: object, change: object) => JSON.stringify({ ...document, ...change });

const documents: Record<string, [string, () => Promise<string>]> = {
  'another integrity': [
    'PIPL_INTEGRITY',
    async () =>
      JSON.stringify(documentOf({ tarball: await sound(), dist: { integrity: integrityOf(bytes('x')) } })),
  ],
  'another sha1': [
    'PIPL_INTEGRITY',
    async () => JSON.stringify(documentOf({ tarball: await sound(), dist: { shasum: sha1 } })),
  ],
  'only a sha1': [
    'PIPL_INTEGRITY',
    async () =>
      JSON.stringify(
        documentOf({ tarball: await sound(), dist: { integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' } }),
      ),
  ],
  'a tarball that was cut on its way': [
    'PIPL_INTEGRITY',
    async () => {
      const whole = archiveOf();
      return JSON.stringify(
        documentOf({ tarball: whole.subarray(0, -20), dist: { integrity: integrityOf(whole) } }),
      );
    },
  ],
  'another name inside': [
    'PIPL_MANIFEST_DIFFERS',
    async () => JSON.stringify(documentOf({ tarball: await sound({ name: 'b' }) })),
  ],
  'another version inside': [
    'PIPL_MANIFEST_DIFFERS',
    async () => JSON.stringify(documentOf({ tarball: await sound({ version: '2.0.0' }) })),
  ],
  'dependencies that are not inside': [
    'PIPL_MANIFEST_DIFFERS',
    async () =>
      JSON.stringify(documentOf({ tarball: await sound(), fields: { dependencies: { x: '1.0.0' } } })),
  ],
  'a tarball that is no base64': [
    'PIPL_BODY',
    async () =>
      changed(documentOf({ tarball: await sound() }), {
        _attachments: { 'a.tgz': { data: '!'.repeat(5000) } },
      }),
  ],
  'no tarball where one is announced': [
    'PIPL_NPM_DOCUMENT',
    async () => changed(documentOf({ tarball: await sound() }), { _attachments: { 'a.tgz': { length: 3 } } }),
  ],
  'two tarballs': [
    'PIPL_NPM_DOCUMENT',
    async () => {
      const data = Buffer.from(await sound()).toString('base64');
      return changed(documentOf({ tarball: await sound() }), { _attachments: { a: { data }, b: { data } } });
    },
  ],
  'a body that is no JSON': ['PIPL_BODY', async () => '{"name":"a",'],
  'a body that is a hundred thousand deep': ['PIPL_BODY', async () => `{"versions":${deep(100_000)}}`],
  'a document of 50 MB': [
    'PIPL_TOO_BIG',
    async () => changed(documentOf({ tarball: await sound() }), { readme: 'x'.repeat(50_000_000) }),
  ],
  'a document of 50 MB behind its tarball': [
    'PIPL_TOO_BIG',
    async () =>
      changed(documentOf({ tarball: await sound() }), {
        zzz: Array.from({ length: 200_000 }, () => 'x'.repeat(250)),
      }),
  ],
};
test.each(Object.entries(documents))('refused, nothing kept: %s', async (_what, [code, body]) => {
  expect(await outcomeOf(await body())).toMatchObject({ ...refusedAtOnce, code });
});

test('a request that announces more than anybody may send is refused before it is sent', async () => {
  const answer = Promise.withResolvers<string>();
  const { hostname, port } = new URL(server.url);
  const socket = connectTo(Number(port), hostname, () => {
    socket.write(`PUT /${film}/a HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${server.token}\r\n`);
    socket.write('content-type: application/json\r\ncontent-length: 10000000000\r\n\r\n{');
  });
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.on('close', () => answer.resolve(text));
  expect(await answer.promise).toContain('PIPL_TOO_BIG');
});

test('a body that is too deep or too big is refused by the API too, also when its size is not announced', async () => {
  const setting = async (body: string) => {
    const response = await fetch(`${server.url}/-/pipl/v1/indexes/root/other`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${server.token}` },
      body: new Blob([body]).stream(),
      duplex: 'half',
    });
    return ((await response.json()) as { code?: string }).code ?? 'accepted';
  };
  expect(await setting(`{"zzz":${deep(100_000)}}`)).toBe('PIPL_BODY');
  expect(await setting(`{"zzz":"${'x'.repeat(9_000_000)}"}`)).toBe('PIPL_TOO_BIG');
  expect(await setting('{"zzz":1}')).toBe('accepted');
});

test('a publish that is hung up on leaves nothing', async () => {
  const before = await everything();
  const { hostname, port } = new URL(server.url);
  const body = JSON.stringify(documentOf({ tarball: Buffer.alloc(3_000_000, 7) }));
  const socket = connectTo(Number(port), hostname, () => {
    socket.write(`PUT /${film}/a HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${server.token}\r\n`);
    socket.write(`content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`);
    socket.write(body.slice(0, 2_500_000));
  });
  const temporary = join(server.dir, 'blobs', 'tmp');
  await expect.poll(() => readdirSync(temporary).length, { interval: 1, timeout: 30_000 }).toBeGreaterThan(0);
  socket.destroy();
  await expect.poll(everything, { timeout: 30_000 }).toEqual(before);
});

test('after all of this the server has never held more than 256 MB', () => {
  expect(peakOf(server.pid)).toBeLessThan(256);
});
