/**
 * devpi-server, whose model of indexes ours follows, beside ours: uploads and project pages. Python packages
 * are not npm packages, so these say where it stands, not who is better. Installed from PyPI on first use.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { figure, type Print } from '../../scripts/figures.ts';
import { peer, run, tools } from '../../scripts/peer.ts';
import { freePort } from '../test/free-port.ts';
import { publication } from './bodies.ts';
import { again, load, requestBytes } from './load.ts';
import { publish } from './publishing.ts';
import { startServer } from './servers.ts';

const execute = promisify(execFile);
const version = '6.20.3';
const venv = join(tools, `devpi-${version}`);
const bin = (program: string) => join(venv, 'bin', program);
const uploads = 30;
const patience = 60_000;

const devpi = () =>
  peer(`devpi-server ${version}`, bin('devpi-server'), () => {
    const why =
      run('python3', ['-m', 'venv', venv]) ??
      run(bin('pip'), ['install', '--quiet', `devpi-server==${version}`]);
    // Half of it would be taken for all of it.
    if (why !== undefined) rmSync(venv, { recursive: true, force: true });
    return why;
  });

const json = { 'content-type': 'application/json', accept: 'application/json' };

/** @returns the header that speaks for root */
async function logIn(url: string): Promise<string> {
  const end = performance.now() + patience;
  for (;;) {
    try {
      const body = JSON.stringify({ user: 'root', password: 'secret' });
      const response = await fetch(`${url}/+login`, { method: 'POST', headers: json, body });
      const { result } = (await response.json()) as { result: { password: string } };
      return `Basic ${Buffer.from(`root:${result.password}`).toString('base64')}`;
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(100);
    }
  }
}

function uploadBytes(
  url: string,
  authorization: string,
  { name, version: of, tarball }: Awaited<ReturnType<typeof publication>>,
) {
  const border = 'border-of-parts';
  const fields = {
    ':action': 'file_upload',
    name,
    version: of,
    filetype: 'sdist',
    pyversion: '',
    metadata_version: '1.0',
  };
  const parts = Object.entries(fields).map(
    ([field, value]) => `--${border}\r\ncontent-disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`,
  );
  const file = `--${border}\r\ncontent-disposition: form-data; name="content"; filename="${name}-${of}.tar.gz"\r\n\r\n`;
  const body = Buffer.concat([
    Buffer.from(parts.join('') + file),
    tarball,
    Buffer.from(`\r\n--${border}--\r\n`),
  ]);
  const head = [
    'POST /root/dev/ HTTP/1.1',
    `host: ${new URL(url).host}`,
    `authorization: ${authorization}`,
    `content-type: multipart/form-data; boundary=${border}`,
    `content-length: ${body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function measureDevpi(dir: string) {
  await execute(bin('devpi-init'), ['--serverdir', dir, '--root-passwd', 'secret', '--no-root-pypi']);
  const port = await freePort();
  const server = spawn(bin('devpi-server'), ['--serverdir', dir, '--port', String(port)], {
    stdio: 'ignore',
  });
  try {
    const url = `http://127.0.0.1:${port}`;
    const authorization = await logIn(url);
    await fetch(`${url}/root/dev`, {
      method: 'PUT',
      headers: { ...json, authorization },
      body: '{"bases":[]}',
    });
    const requests: Buffer[] = [];
    for (let at = 0; at < uploads; at++)
      requests.push(uploadBytes(url, authorization, await publication('packl', `1.0.${at}`)));
    const sent = await load({ url, connections: 1, next: () => requests.shift() });
    const page = requestBytes({ method: 'GET', url: `${url}/root/dev/+simple/packl/` });
    const read = await load({ url, connections: 8, next: again(page, 1000) });
    return { uploads: sent.answers / sent.seconds, reads: read.answers / read.seconds };
  } finally {
    await stop(server);
  }
}

async function measureOurs() {
  await using ours = await startServer('serve-ours.ts');
  const all = await Promise.all(
    Array.from({ length: uploads }, (_, at) => publication('packl', `1.0.${at}`)),
  );
  const sent = await publish(ours, all, 1);
  const page = requestBytes({ method: 'GET', url: `${ours.url}packl` });
  const read = await load({ url: ours.url, connections: 8, next: again(page, 1000) });
  return { uploads: sent.answers / sent.seconds, reads: read.answers / read.seconds };
}

interface Measured {
  readonly uploads: number;
  readonly reads: number;
}

/** What devpi does, or why it does nothing here. */
async function theirs(): Promise<Measured | string> {
  const { why } = devpi();
  if (why !== undefined) return why;
  const dir = await mkdtemp(join(tmpdir(), 'pipl-bench-devpi-'));
  try {
    return await measureDevpi(dir);
  } catch (error) {
    return `it did not run: ${(error as Error).message}`;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Ours is printed in any case; what is missing of devpi stands as null. */
export async function benchDevpi(print: Print): Promise<void> {
  const other = await theirs();
  const ours = await measureOurs();
  const missing = typeof other === 'string';
  const baselineName = missing ? `devpi-server ${version}: missing, ${other}` : `devpi-server ${version}`;
  const { uploads: stored, reads } = missing ? { uploads: NaN, reads: NaN } : other;
  const reported = { baselineName, goal: 'reported', holds: true };
  print(
    figure('publish, sequential, beside devpi', {
      value: ours.uploads,
      unit: 'publishes/s',
      baseline: stored,
      ...reported,
    }),
  );
  print(
    figure('reads of one name, beside devpi', {
      value: ours.reads,
      unit: 'reads/s',
      baseline: reads,
      ...reported,
    }),
  );
}
