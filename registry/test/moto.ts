/** S3 for tests: moto, a double of AWS that answers on this machine. No account is reached from any test. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { freePort } from './free-port.ts';

/** Whether it is installed; under PIPL_TEST_REQUIRE=all it must be. */
export function hasMoto(): boolean {
  try {
    execFileSync('moto_server', ['--help'], { stdio: 'ignore' });
    return true;
  } catch (cause) {
    const reason = "moto is not installed (pip install 'moto[server]'): the tests of S3 are left out";
    if (process.env['PIPL_TEST_REQUIRE'] === 'all') throw new Error(reason, { cause });
    console.error(reason);
    return false;
  }
}

/** Nobody's, and the same for every process of a test. */
export const credentials = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
};

export interface Moto {
  /** of the way to it */
  readonly endpoint: string;
  readonly bucket: string;
  readonly client: S3Client;
  /** Keys that begin so. */
  objects(prefix: string): Promise<string[]>;
  /** From now on nobody gets through; what it holds is there again after `back`. */
  away(): void;
  back(): void;
  stop(): Promise<void>;
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A way that can be cut. */
async function wayTo(port: number) {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)).on('error', () => socket.destroy()));
    if (isCut) return socket.destroy();
    const on = connect(port, '127.0.0.1').on('error', () => socket.destroy());
    return socket.pipe(on).pipe(socket);
  });
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: await listening(server),
    cut,
    mend: () => (isCut = false),
    close: () => {
      cut();
      server.close();
    },
  };
}

async function answers(child: ChildProcess, url: string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`moto ended with ${child.exitCode}.`);
    try {
      await fetch(url);
      return;
    } catch {
      await pause(50); // it is starting
    }
  }
}

export async function startMoto(): Promise<Moto> {
  const port = await freePort();
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  Object.assign(process.env, credentials);
  await answers(child, `http://127.0.0.1:${port}/moto-api/`);
  const client = new S3Client({ endpoint: `http://127.0.0.1:${port}`, forcePathStyle: true });
  const bucket = 'studio';
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const way = await wayTo(port);
  return {
    endpoint: `http://127.0.0.1:${way.port}`,
    bucket,
    client,
    async objects(Prefix) {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix }));
      return Contents.map(({ Key = '' }) => Key);
    },
    away: way.cut,
    back: way.mend,
    async stop() {
      way.close();
      client.destroy();
      child.kill('SIGKILL');
      await ended;
    },
  };
}
