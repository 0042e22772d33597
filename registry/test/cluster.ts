/** A PostgreSQL of its own in a scratch folder, on a free port of this machine; it goes with whoever started it. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { chmod, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { freePort } from './free-port.ts';

const run = promisify(execFile);

/** Where Debian and others put `initdb` and `postgres`; undefined when PostgreSQL is not installed. */
export function postgresPrograms(): string | undefined {
  const versions = ls('/usr/lib/postgresql').toSorted((one, other) => Number(other) - Number(one));
  const folders = [
    ...versions.map((version) => `/usr/lib/postgresql/${version}/bin`),
    '/usr/bin',
    '/usr/local/bin',
  ];
  return folders.find((folder) => ls(folder).includes('initdb'));
}

function ls(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // not there: nothing in it
  }
}

export interface Cluster {
  /** Of a new, empty database. */
  database(): Promise<string>;
  /** Ends every connection and process at once, as a crash does. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its folder. */
  remove(): Promise<void>;
}

/** PostgreSQL refuses to run as root. */
async function unprivileged(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n');
  const entry = ['postgres', 'nobody'].flatMap((name) =>
    lines.filter((line) => line.startsWith(`${name}:`)),
  )[0];
  const [, , uid, gid] = entry?.split(':') ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

/** What it holds need not outlive the machine. */
const settings = (port: number, folder: string) => `
listen_addresses = '127.0.0.1'
port = ${port}
unix_socket_directories = '${folder}'
max_connections = 200
shared_buffers = 32MB
fsync = off
full_page_writes = off
autovacuum = off
jit = off
log_min_messages = fatal
`;

async function answers(port: number): Promise<boolean> {
  const client = new Client({ connectionString: `postgres://pipl@127.0.0.1:${port}/postgres` });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false; // it is starting
  }
}

export async function startCluster(): Promise<Cluster> {
  const programs = postgresPrograms();
  if (programs === undefined) throw new Error('PostgreSQL is not installed: apt install postgresql');
  const who = await unprivileged();
  const folder = await mkdtemp(join(tmpdir(), 'pipl-postgres-'));
  if (who.uid !== undefined && who.gid !== undefined) await chown(folder, who.uid, who.gid);
  await chmod(folder, 0o700);
  const data = join(folder, 'data');
  const env = { PATH: process.env['PATH'], LC_ALL: 'C' };
  const flags = ['-D', data, '-U', 'pipl', '-A', 'trust', '--no-sync', '--locale=C', '-E', 'UTF8'];
  await run(join(programs, 'initdb'), flags, { ...who, env, cwd: '/' });
  const port = await freePort();
  await writeFile(join(data, 'postgresql.auto.conf'), settings(port, folder));

  let server: ChildProcess | undefined;
  let made = 0;
  const cluster: Cluster = {
    async start() {
      const child = spawn(join(programs, 'postgres'), ['-D', data], {
        ...who,
        env,
        cwd: '/',
        stdio: 'ignore',
      });
      server = child;
      while (!(await answers(port))) {
        if (child.exitCode !== null) throw new Error(`PostgreSQL ended with ${child.exitCode}.`);
        await pause(20);
      }
    },
    async stop() {
      const child = server;
      if (child === undefined) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGQUIT');
      await ended;
      server = undefined;
    },
    async database() {
      const name = `test_${process.pid}_${(made += 1)}`;
      await createDatabase(`postgres://pipl@127.0.0.1:${port}/postgres`, name);
      return `postgres://pipl@127.0.0.1:${port}/${name}`;
    },
    async remove() {
      await cluster.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await cluster.start();
  return cluster;
}

/** @param url of any database of the cluster @param template what it is a copy of: nobody may be connected to that */
export async function createDatabase(url: string, name: string, template = 'template0'): Promise<void> {
  const client = new Client({ connectionString: url.replace(/[^/]*$/, 'postgres') });
  await client.connect();
  await client.query(`create database ${name} template ${template}`);
  await client.end();
}
