/**
 * Disks that are full or fail: what is there can still be read, nothing is acknowledged that is not on disk, and
 * when the disk is well again so is the server. The full one is a small file system in memory, the failing one is
 * `strace`, which answers for the kernel; both need rights that not everybody has.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { connect, packTarball, type RegistryClient, type ReleasePackl } from '@pipl/registry-client';
import { openDatabase, startRegistry } from '@pipl/registry';
import { film, packl, refusal, scratch, settled } from './scene.ts';

/** With PIPL_TEST_REQUIRE=all what this machine lacks is a failure. */
function lacks(reason: string): false {
  if (process.env['PIPL_TEST_REQUIRE'] === 'all') throw new Error(reason);
  console.error(reason);
  return false;
}
const runs = (program: string, ...parameters: string[]): boolean => {
  try {
    execFileSync(program, parameters, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
const canMount = (): boolean => {
  const dir = mkdtempSync(join(tmpdir(), 'pipl-mount-'));
  const can = runs('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir);
  if (can) execFileSync('umount', [dir]);
  rmSync(dir, { recursive: true });
  return can || lacks('only root may mount a small file system: the test of a full disk is left out');
};
const canTrace = (): boolean =>
  runs('strace', '-o', '/dev/null', 'true') ||
  lacks('there is no strace (apt install strace): the test of a failing disk is left out');

async function serve(dir: string) {
  const script = join(import.meta.dirname, 'serve-until-killed.ts');
  const child = spawn(process.execPath, [script, dir], { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(stop);
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { url, token } = JSON.parse(line) as { url: string; token: string };
  return { url, token, pid: child.pid ?? 0, client: connect({ url, token }), stop };
}

const filesIn = (dir: string) =>
  readdirSync(join(dir, 'blobs'), { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map(({ name }) => name);

async function bigPackl(name: string, bytes: number): Promise<ReleasePackl> {
  const manifest = { name, version: '1.0.0' } as ReleasePackl['manifest'];
  const packed = await packTarball(
    new Map([
      ['package.json', new TextEncoder().encode(JSON.stringify(manifest))],
      ['noise', randomBytes(bytes)],
    ]),
  );
  return { manifest, ...packed };
}

test.runIf(canMount())(
  'a full disk answers 507 and reads go on; with space again, so do writes',
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'pipl-full-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', dir]);
    onTestFinished(() => {
      execFileSync('umount', ['-l', dir]);
      rmSync(dir, { recursive: true });
    });
    const { client, url, token } = await serve(dir);
    const first = await packl('first', '1.0.0');
    await client.release({ index: film, packls: [first] });
    const before = filesIn(dir);

    const ballast = join(dir, 'ballast');
    mkdirSync(ballast);
    const fill = () => {
      for (let size = 4 * 1024 * 1024, count = 0; size >= 4096;) {
        try {
          writeFileSync(join(ballast, `${size}-${count++}`), Buffer.alloc(size));
        } catch {
          size = Math.floor(size / 2);
        }
      }
    };
    fill();
    for (const one of [await bigPackl('big', 2_000_000), await packl('second', '1.0.0')]) {
      expect(await refusal(client.release({ index: film, packls: [one] }))).toBe('PIPL_DISK_FULL');
    }
    const second = await packl('second', '1.0.0');
    const body = JSON.stringify({
      index: film,
      packls: [{ ...second, tarball: Buffer.from(second.tarball).toString('base64') }],
    });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const { status } = await fetch(`${url}/-/pipl/v1/release`, { method: 'POST', headers, body });
    expect(status).toBe(507);
    expect(await client.tarball(film, 'first', '1.0.0', { integrity: first.integrity })).toHaveLength(
      first.tarball.length,
    );
    expect((await client.rows(film)).rows.map(({ name }) => name)).toEqual(['first']);
    expect(filesIn(dir)).toEqual(before);

    rmSync(ballast, { recursive: true });
    await client.release({ index: film, packls: [second] });
    expect((await client.rows(film)).rows.map(({ name }) => name)).toEqual(['first', 'second']);
  },
);

test('a database that finds no space answers 507, keeps nothing of it, and goes on when there is some', async () => {
  const dir = await scratch();
  await using db = await openDatabase(join(dir, 'db', 'pipl.sqlite'));
  const registry = await startRegistry({ dataDir: dir, db, project: 'film', host: '127.0.0.1', port: 0 });
  await using _closed = { [Symbol.asyncDispose]: () => registry.close() };
  await registry.createIndex(film);
  const client = connect({ url: registry.url, token: await registry.issueUserToken('root') });
  await client.release({ index: film, packls: [await packl('first', '1.0.0')] });
  const mostPages = (pages: number) => sql.raw(`pragma max_page_count = ${pages}`).execute(db);
  await mostPages(1);
  const before = filesIn(dir);
  const big = await packl('big', '1.0.0', { description: 'x'.repeat(300_000) });
  // One alone, and several in one commit.
  for (const count of [1, 3]) {
    const asked = Array.from({ length: count }, () =>
      refusal(client.release({ index: film, packls: [big] })),
    );
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['PIPL_DISK_FULL']));
  }
  expect((await client.rows(film)).rows.map(({ name }) => name)).toEqual(['first']);
  expect(filesIn(dir)).toEqual(before);
  await mostPages(1_000_000);
  expect(await refusal(client.release({ index: film, packls: [big] }))).toBe('accepted');
});

/** Publishes until the disk fails. */
async function publishUntilItFails(client: RegistryClient, accepted: ReleasePackl[]): Promise<string> {
  for (let at = 0; at < 2000; at++) {
    const one = await packl(`packl-${at}`, '1.0.0');
    const code = await refusal(client.release({ index: film, packls: [one] }));
    if (code !== 'accepted') return code;
    accepted.push(one);
  }
  return 'never';
}

// Files are written by threads beside the main one, the database by the main one.
test.runIf(canTrace()).each([
  ['of files and database', ['-f']],
  ['of the database alone', []],
] as const)(
  'what the disk does not confirm is never acknowledged, and what was is there afterwards: %s',
  { timeout: 540_000 },
  async (_what, threads) => {
    const dir = mkdtempSync(join(tmpdir(), 'pipl-fails-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const { client, pid, stop } = await serve(dir);
    const inject = ['-e', 'trace=fsync,fdatasync', '-e', 'inject=fsync,fdatasync:error=EIO'];
    const tracer = spawn('strace', [...threads, '-qq', '-o', '/dev/null', ...inject, '-p', String(pid)], {
      stdio: 'ignore',
    });
    const accepted: ReleasePackl[] = [];
    expect(await publishUntilItFails(client, accepted)).toBe('PIPL_DISK_FAILS');
    tracer.kill('SIGTERM');
    await once(tracer, 'exit');
    const later = await packl('later', '1.0.0');
    await client.release({ index: film, packls: [later] });
    await stop();

    const again = await serve(dir);
    const { rows } = await again.client.rows(film);
    const names = rows.map(({ name }) => name);
    expect([...accepted, later].filter(({ manifest }) => !names.includes(manifest.name))).toEqual([]);
    // What was refused may be there or not, but never half.
    for (const { name, version, integrity } of rows)
      await again.client.tarball(film, name, version, { integrity });
    expect(filesIn(dir)).toHaveLength(new Set(rows.map(({ integrity }) => integrity)).size);
  },
);

/** Of the files alone: the database is written by the main thread, files are brought to disk by those beside it. */
test.runIf(canTrace())(
  'a disk that does not take what was acknowledged is told, nothing of it is forgotten, and the next start writes it',
  { timeout: 60_000 },
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'pipl-fails-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const { client, url, pid, stop } = await serve(dir);
    // So that all threads are there.
    await client.release({ index: film, packls: [await packl('before', '1.0.0')] });
    await settled({ dir });
    const beside = readdirSync(`/proc/${pid}/task`).filter((thread) => thread !== String(pid));
    const inject = ['-e', 'trace=fsync', '-e', 'inject=fsync:error=EIO'];
    const traced = beside.flatMap((thread) => ['-p', thread]);
    const tracer = spawn('strace', ['-o', '/dev/null', ...inject, ...traced], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    // It says of each thread that it has it.
    let attached = 0;
    for await (const line of createInterface(tracer.stderr)) {
      if (line.includes('attached') && ++attached === beside.length) break;
    }
    const one = await packl('one', '1.0.0');
    await client.release({ index: film, packls: [one] });
    const health = async () => (await fetch(`${url}/healthz`)).json();
    await expect.poll(health, { timeout: 20_000 }).toEqual({ ok: false, database: 'ok', blobs: 'EIO' });
    // From now on publishes wait for their files again.
    const another = await packl('another', '1.0.0');
    expect(await refusal(client.release({ index: film, packls: [another] }))).toBe('PIPL_DISK_FAILS');
    tracer.kill('SIGTERM');
    await stop();
    const [file = ''] = readdirSync(join(dir, 'blobs'), { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith(Buffer.from(one.integrity.slice(7), 'base64').toString('hex')),
    );
    rmSync(join(dir, 'blobs', file));

    const again = await serve(dir);
    await again.client.tarball(film, 'one', '1.0.0', { integrity: one.integrity });
    await settled({ dir });
    expect(await (await fetch(`${again.url}/healthz`)).json()).toMatchObject({ ok: true });
  },
);
