/**
 * What the soaks of the registry share: a server that can die at any moment, publishers that remember what it
 * acknowledged, and the questions that are asked when it is back.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { indexName, PiplError, type Manifest } from '@pipl/packl';
import {
  connect,
  integrityOf,
  packTarball,
  type RegistryClient,
  type ReleasePackl,
} from '@pipl/registry-client';

export const index = indexName('root/film');
const startWithin = 60_000;

export interface Lost {
  /** versions that were acknowledged and are not there, or are others */
  acknowledged: number;
  /** versions that are listed and cannot be had, or have no line in the feed, or the other way round */
  halfVisible: number;
  /** publishes that were under way and can neither be repeated nor were done */
  stuck: number;
  /** files in the blob store that no version names */
  orphans: number;
  /** starts that did not end in an answer */
  starts: number;
}

export const nothingLost = (): Lost => ({
  acknowledged: 0,
  halfVisible: 0,
  stuck: 0,
  orphans: 0,
  starts: 0,
});

export interface Server {
  readonly client: RegistryClient;
  kill(): Promise<void>;
}

/**
 * @param quiet where the server has every reason to complain
 * @throws Error when it ends, or says nothing for a minute
 */
export async function startServer(dataDir: string, { quiet = false } = {}): Promise<Server> {
  const program = join(import.meta.dirname, '..', 'test', 'serve-until-killed.ts');
  const child = spawn(process.execPath, [program, dataDir], {
    stdio: ['ignore', 'pipe', quiet ? 'ignore' : 'inherit'],
  });
  const ended = once(child, 'exit');
  const stopWithUs = () => child.kill('SIGKILL');
  process.once('exit', stopWithUs);
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
    process.off('exit', stopWithUs);
  };
  const line = once(createInterface(child.stdout), 'line', { signal: AbortSignal.timeout(startWithin) });
  const first = await Promise.race([line, ended.then(() => undefined)]);
  if (first === undefined) throw new Error('the server ended at its start');
  const { url, token } = JSON.parse(String(first[0])) as { url: string; token: string };
  return { client: connect({ url, token }), kill };
}

export async function packl(name: string, version: string, content: string): Promise<ReleasePackl> {
  const manifest = { name, version } as Manifest;
  const bytes = (text: string) => new TextEncoder().encode(text);
  const files = new Map([
    ['package.json', bytes(JSON.stringify(manifest))],
    ['content.txt', bytes(content.repeat(50))],
  ]);
  return { manifest, ...(await packTarball(files)) };
}

/** What a publisher was told, by `name@version`, and what it was waiting for when the server died. */
export interface Memory {
  readonly acknowledged: Map<string, string>;
  readonly underWay: ReleasePackl[];
  /**
   * The power is being cut. What the server says from now on nobody would have heard: it is under way, whatever
   * the answer. (Counted as acknowledged, about one round in sixty lost something: ext4 can tell fsync that all
   * is well when it is shut down in the middle of one, which a machine without power cannot.)
   */
  dark?: boolean;
}

/** Publishes one version after the other until the server is gone. */
export async function publishUntilGone(client: RegistryClient, who: string, memory: Memory): Promise<void> {
  for (let patch = 0; ; patch += 1) {
    const one = await packl(`from-${who}`, `1.0.${patch}`, `${who} ${patch}`);
    try {
      await client.release({ index, packls: [one] });
    } catch (error) {
      if (!(error instanceof PiplError)) throw error;
      memory.underWay.push(one);
      return;
    }
    if (memory.dark === true) memory.underWay.push(one);
    else memory.acknowledged.set(specOf(one), one.integrity);
  }
}

export const specOf = ({ manifest: { name, version } }: ReleasePackl) => `${name}@${version}`;

/** Asks the server that came back for everything it promised, and counts what it does not keep. */
export async function account(
  { client }: Server,
  { memory, lost, dataDir }: { memory: Memory; lost: Lost; dataDir: string },
): Promise<void> {
  const { rows } = await client.rows(index);
  const kept = new Map(rows.map((row) => [`${row.name}@${row.version}`, row.integrity]));
  for (const [spec, integrity] of memory.acknowledged) {
    if (kept.get(spec) !== integrity) lost.acknowledged += 1;
  }
  lost.halfVisible += await halfVisible(client, rows);
  const named = new Set(rows.map(({ integrity }) => integrity));
  lost.orphans += Math.abs((await blobsIn(dataDir)) - named.size);
  for (const one of memory.underWay.splice(0)) {
    if (!(await repeats(client, one, kept.get(specOf(one))))) lost.stuck += 1;
    memory.acknowledged.set(specOf(one), one.integrity);
  }
}

type Rows = Awaited<ReturnType<RegistryClient['rows']>>['rows'];

async function halfVisible(client: RegistryClient, rows: Rows): Promise<number> {
  const published = await publishedInFeed(client);
  let count = rows.filter(({ name, version }) => !published.delete(`${name}@${version}`)).length;
  count += published.size;
  for (const { name, version, integrity } of rows) {
    const whole = await client.tarball(index, name, version).then(
      (bytes) => integrityOf(bytes) === integrity,
      () => false,
    );
    if (!whole) count += 1;
  }
  return count;
}

async function publishedInFeed(client: RegistryClient): Promise<Set<string>> {
  const found = new Set<string>();
  for (let since = 0; ;) {
    const { changes, head } = await client.changes({ since, limit: 10_000 });
    for (const { op, name, version, seq } of changes) {
      if (seq !== since + 1) throw new Error(`the feed has a gap after ${since}`);
      since = seq;
      if (op === 'publish') found.add(`${name}@${version}`);
    }
    if (since >= head) return found;
  }
}

/** What died on its way is either there, then a second publish is told so, or can be published again. */
async function repeats(
  client: RegistryClient,
  one: ReleasePackl,
  kept: string | undefined,
): Promise<boolean> {
  try {
    await client.release({ index, packls: [one] });
    return kept === undefined;
  } catch (error) {
    if (!(error instanceof PiplError)) throw error;
    return error.code === 'PIPL_VERSION_TAKEN' && kept === one.integrity;
  }
}

async function blobsIn(dataDir: string): Promise<number> {
  const entries = await readdir(join(dataDir, 'blobs'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}
