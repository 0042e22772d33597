/** Acknowledged means durable: the server is killed while four publish, and loses nothing it said yes to. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PiplError } from '@pipl/packl';
import { connect, integrityOf, type RegistryClient } from '@pipl/registry-client';
import { film, packl, scratch } from './scene.ts';

const rounds = 8;

async function startServer(dataDir: string) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'serve-until-killed.ts'), dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { url, token } = JSON.parse(line) as { url: string; token: string };
  const stopWithUs = () => child.kill('SIGKILL');
  process.once('exit', stopWithUs);
  child.unref();
  const kill = async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    process.off('exit', stopWithUs);
  };
  return { client: connect({ url, token }), kill };
}

/** Publishes one version after the other until the server is gone; notes what was acknowledged. */
async function publisher(
  client: RegistryClient,
  who: string,
  acknowledged: Map<string, string>,
): Promise<void> {
  for (let patch = 0; ; patch++) {
    const one = await packl(`from-${who}`, `1.0.${patch}`);
    try {
      await client.release({ index: film, packls: [one] });
    } catch (error) {
      if (error instanceof PiplError && error.kind === 'unreachable') return;
      throw error;
    }
    acknowledged.set(`${one.manifest.name}@${one.manifest.version}`, one.integrity);
  }
}

const blobNames = async (dir: string): Promise<string[]> => {
  const entries = await readdir(join(dir, 'blobs'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
};

test(
  'killed at any moment, the server comes back with everything it acknowledged and nothing else',
  { timeout: 540_000 },
  async () => {
    const dir = await scratch();
    const acknowledged = new Map<string, string>();
    for (let round = 0; round < rounds; round++) {
      const { client, kill } = await startServer(dir);
      const publishing = [1, 2, 3, 4].map((n) => publisher(client, `${round}-${n}`, acknowledged));
      const before = acknowledged.size;
      await expect
        .poll(() => acknowledged.size, { interval: 2, timeout: 300_000 })
        .toBeGreaterThan(before + 4 + round);
      await kill();
      await Promise.all(publishing);
    }

    const { client, kill } = await startServer(dir);
    const { rows } = await client.rows(film);
    const kept = new Map(rows.map((row) => [`${row.name}@${row.version}`, row.integrity]));
    expect([...acknowledged].filter(([spec, integrity]) => kept.get(spec) !== integrity)).toEqual([]);
    for (const { name, version, integrity } of rows) {
      expect(integrityOf(await client.tarball(film, name, version, { integrity }))).toBe(integrity);
    }
    const { changes, head } = await client.changes({ since: 0, limit: 10_000 });
    expect(changes.map(({ seq }) => seq)).toEqual(changes.map((_change, at) => at + 1));
    expect(head).toBe(changes.length);
    expect(changes.filter(({ op }) => op === 'publish')).toHaveLength(rows.length);
    expect(await blobNames(dir)).toHaveLength(new Set(rows.map(({ integrity }) => integrity)).size);
    // What was under way when the server died can be published now: nothing is stuck.
    for (const name of new Set(rows.map((row) => row.name))) {
      const next = rows.filter((row) => row.name === name).length;
      await client.release({ index: film, packls: [await packl(name, `1.0.${next}`, { content: 'again' })] });
    }
    await kill();
    await rm(dir, { recursive: true, force: true });
  },
);
