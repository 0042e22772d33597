/** Where the server listens: not on the network while everybody could be root, and not where another program is. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { piplError, type PiplError } from '@pipl/packl';
import type { Users } from './people/users.ts';

const isLoopback = (host: string) =>
  host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);

/** @throws PIPL_ROOT_PASSWORD_EMPTY */
export async function refuseOpenRoot(users: Users, host: string): Promise<void> {
  if (isLoopback(host) || !(await users.rootPasswordEmpty())) return;
  throw piplError('denied', 'PIPL_ROOT_PASSWORD_EMPTY', {
    what: `The server does not listen on ${host}.`,
    why: 'Root still has the empty password, so it may be reached from this machine only.',
    hint: 'Set one with `pipl proj user set root`, then start the server again.',
  });
}

const listenFailure = (
  error: NodeJS.ErrnoException,
  { host, port }: { host: string; port: number },
): PiplError => {
  const taken = error.code === 'EADDRINUSE';
  return piplError(taken ? 'conflict' : 'denied', taken ? 'PIPL_PORT_IN_USE' : 'PIPL_LISTEN', {
    what: `The server cannot listen on ${host}:${port}.`,
    why: taken ? 'Another program listens there.' : error.message,
    hint: 'Stop that program, or choose another port with `--port`.',
    cause: error,
  });
};

/** @throws PIPL_PORT_IN_USE PIPL_LISTEN */
export async function listen(
  server: Server,
  at: { host: string; port: number },
): Promise<{ port: number; url: string }> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenFailure(error, at)));
    server.listen(at.port, at.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = at.host.includes(':') ? `[${at.host}]` : at.host;
  return { port, url: `http://${host}:${port}` };
}
