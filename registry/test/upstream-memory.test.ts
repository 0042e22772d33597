/** Documents of an upstream may be big: a server that hands one on does not become so. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { indexName } from '@pipl/packl';
import { openDatabase, startRegistry } from '@pipl/registry';
import { asking } from './asking.ts';
import { scratch } from './scene.ts';

const megabytes = 1024 * 1024;

/** As npm has them: five thousand versions of ten kilobytes. */
function bigDocument(): Buffer {
  const words = Array.from({ length: 300 }, (_, at) => [
    `dependency-${at}`,
    `^${at}.0.0 || >=${at}.1.0-beta`,
  ]);
  const version = (at: number) => ({
    name: 'big',
    version: `1.0.${at}`,
    description: 'größer',
    dependencies: Object.fromEntries(words) as object,
    dist: { tarball: `http://127.0.0.1/big/-/big-1.0.${at}.tgz`, shasum: 'a'.repeat(40) },
  });
  const versions = Array.from({ length: 4_200 }, (_, at) => [`1.0.${at}`, version(at)]);
  return Buffer.from(
    JSON.stringify({
      name: 'big',
      'dist-tags': { latest: '1.0.0' },
      versions: Object.fromEntries(versions) as object,
    }),
  );
}

/** A registry process behind which that document stands. */
async function serverBefore(document: Buffer) {
  const upstream = createServer((_, response) => response.end(document)).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  onTestFinished(() => void upstream.close());
  const mirror = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const dir = await scratch();
  const db = await openDatabase(join(dir, 'db', 'pipl.sqlite'));
  const made = await startRegistry({ dataDir: dir, db, project: 'film', host: '127.0.0.1', port: 0 });
  await made.createIndex(indexName('root/npm'), { mirror });
  await made.close();
  await db.destroy();

  const child = spawn(process.execPath, [join(import.meta.dirname, 'serve-until-killed.ts'), dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { url } = JSON.parse(line) as { url: string };
  const status = () => readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return {
    url,
    /** megabytes that it ever had */
    peak: () => Number(/VmHWM:\s+(\d+)/.exec(status())?.[1]) / 1024,
  };
}

/** How many versions an answer has. */
async function versionsAt(url: string, headers: Record<string, string>): Promise<number> {
  const { status, text } = await asking(url, headers);
  expect(status).toBe(200);
  const { versions } = JSON.parse(text) as { versions: object };
  return Object.keys(versions).length;
}

test(
  'documents of 50 MB, in three forms and two at once, pass through a server that stays under 300 MB',
  { timeout: 540_000 },
  async () => {
    const document = bigDocument();
    expect(document.length).toBeGreaterThan(50 * megabytes);
    const { url, peak } = await serverBefore(document);
    const short = { accept: 'application/vnd.npm.install-v1+json' };
    for (const headers of [{}, short, {}])
      expect(await versionsAt(`${url}/root/npm/big`, headers)).toBe(4_200);
    const alone = peak();
    const names = ['one', 'two'];
    await Promise.all(names.map((name) => versionsAt(`${url}/root/npm/${name}`, {})));
    const together = peak();
    console.log(
      `a document of 50 MB: ${alone.toFixed(0)} MB at most; two at once: ${together.toFixed(0)} MB`,
    );
    expect(alone).toBeLessThan(260);
    expect(together).toBeLessThan(300);
  },
);
