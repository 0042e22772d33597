/** A publish is read as it arrives: nothing of it is in memory as a whole, whatever its fields' order. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { connect, integrityOf, packTarball, shasumOf } from '@pipl/registry-client';
import { jsonCutter, type Piece } from '../src/publishing/stream-json.ts';
import { incomingTarball } from '../src/publishing/stream-tarball.ts';
import { film, refusal } from './scene.ts';

const isCut = ([first, , last]: readonly string[]) => first === '_attachments' && last === 'data';
const label = (at: number) => `label:${at}`;

/** Cuts a text that comes in pieces of so many bytes. */
function cutInPieces(text: string, length: number) {
  const cutter = jsonCutter({ isCut, cutDepth: 3, label, mostRest: 100_000, deepest: 20 });
  const bytes = Buffer.from(text);
  const pieces: Piece[] = [];
  for (let at = 0; at < bytes.length; at += length)
    pieces.push(...cutter.feed(bytes.subarray(at, at + length)));
  const contents: Buffer[][] = [];
  for (const piece of pieces) {
    if (piece.is === 'begin') contents.push([]);
    else if (piece.is === 'bytes') contents.at(-1)?.push(piece.bytes);
  }
  return { rest: JSON.parse(cutter.rest()) as unknown, contents: contents.map((all) => Buffer.concat(all)) };
}

const content = randomBytes(1000);
const data = content.toString('base64');
const documents: Record<string, [string, unknown]> = {
  'the tarball last': [
    `{"name":"a","_attachments":{"a.tgz":{"data":"${data}"}}}`,
    { name: 'a', _attachments: { 'a.tgz': { data: 'label:0' } } },
  ],
  'the tarball first': [
    `{ "_attachments" : { "a.tgz" : { "data" : "${data}" , "length" : 3 } } , "name" : "a" }`,
    { _attachments: { 'a.tgz': { data: 'label:0', length: 3 } }, name: 'a' },
  ],
  'slashes written with a backslash': [
    `{"_attachments":{"a":{"data":"${data.replaceAll('/', '\\/')}"}}}`,
    { _attachments: { a: { data: 'label:0' } } },
  ],
  'keys and strings that look like something else': [
    `{"x":"{\\"_attachments\\":{\\"a\\":{\\"data\\":\\"eA==\\"}}}","_attach\\u006dents":{"a\\"b":{"data":"${data}"}},"y":["data",{"data":"z"}]}`,
    {
      x: '{"_attachments":{"a":{"data":"eA=="}}}',
      _attachments: { 'a"b': { data: 'label:0' } },
      y: ['data', { data: 'z' }],
    },
  ],
};
test.each(Object.entries(documents))('cut the same however it arrives: %s', (_what, [text, rest]) => {
  for (const length of [1, 2, 3, 5, 7, 64, 1000, 10_000]) {
    expect(cutInPieces(text, length)).toEqual({ rest, contents: [content] });
  }
});

test('base64 of every length comes out as it went in', () => {
  for (let length = 0; length < 12; length++) {
    const bytes = randomBytes(length);
    const text = `{"_attachments":{"a":{"data":"${bytes.toString('base64')}"}}}`;
    expect(cutInPieces(text, 3).contents).toEqual([bytes]);
  }
});

test('what is too deep or too much beside the tarballs is refused while it arrives', () => {
  expect(() => cutInPieces(`{"a":${'['.repeat(30)}`, 10)).toThrow('cannot be read');
  expect(() => cutInPieces(`{"a":"${'x'.repeat(200_000)}"}`, 1000)).toThrow('too big');
});

const megabyte = 1024 * 1024;

test('a tarball of more than 128 MB is refused while it arrives', async () => {
  const incoming = incomingTarball({
    temporary: () => join(tmpdir(), `pipl-${randomBytes(8).toString('hex')}`),
  });
  const chunk = Buffer.alloc(megabyte);
  for (let at = 0; at < 128; at++) await incoming.write(chunk);
  const outcome = await refusal(incoming.write(chunk));
  await incoming.discard();
  expect(outcome).toBe('PIPL_TOO_BIG');
});

test('a publish of 100 MB stays below 300 MB of memory', { timeout: 540_000 }, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'pipl-registry-'));
  const child = spawn(process.execPath, [join(import.meta.dirname, 'serve-until-killed.ts'), dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    await rm(dir, { recursive: true, force: true });
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { url, token } = JSON.parse(line) as { url: string; token: string };
  const manifest = { name: 'big', version: '1.0.0' };
  const { tarball } = await packTarball(
    new Map([
      ['package.json', Buffer.from(JSON.stringify(manifest))],
      ['noise', randomBytes(100 * megabyte)],
    ]),
  );
  const integrity = integrityOf(tarball);
  const dist = { integrity, shasum: shasumOf(tarball) };
  const before = `{"name":"big","versions":{"1.0.0":${JSON.stringify({ ...manifest, dist })}},"_attachments":{"big-1.0.0.tgz":{"data":"`;
  const publishing = request(`${url}/${film}/big`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
  const answered = once(publishing, 'response');
  publishing.write(before);
  // A multiple of three, so that the pieces join.
  const step = 3 * megabyte;
  for (let at = 0; at < tarball.length; at += step) {
    const part = Buffer.from(tarball.subarray(at, at + step)).toString('base64');
    if (!publishing.write(part)) await once(publishing, 'drain');
  }
  publishing.end('"}}}');
  const [{ statusCode }] = (await answered) as [{ statusCode: number }];
  expect(statusCode).toBe(201);
  const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;
  expect(peak).toBeLessThan(300);
  expect(integrityOf(await connect({ url }).tarball(film, 'big', '1.0.0', { integrity }))).toBe(integrity);
});
