/**
 * Sessions as another user, for the cases beside this file: a root folder that other users can reach, and
 * what the system says of files and processes.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PosixSessionUser } from '../../src/index.ts';
import type { SessionOptions } from '../../src/index.ts';
import { startSession } from '../session-fixture.ts';
import type { Heard } from '../session-fixture.ts';

export type Cases = Readonly<Record<string, () => Promise<void>>>;

export const notify = { cancelation: { mode: 'NOTIFY_THEN_TERMINATE', notifyPeriodInSeconds: 30 } } as const;
export const textFile = (name: string, data: string, more = {}) => ({
  name,
  type: 'TEXT' as const,
  data,
  ...more,
});
export const isRoot = process.geteuid?.() === 0;
export const agent = isRoot ? 'root' : 'hostuser';

export const target = () => new PosixSessionUser('targetuser', 'sharedgroup');

/** All as whom cases run anything. */
export const usersOfCases = () =>
  ['targetuser', 'serviceuser', 'disjointuser'].map((name) => new PosixSessionUser(name, 'sharedgroup'));

/** A session as targetuser, unless `options` say otherwise. */
export function userSession(options: Partial<SessionOptions> = {}): Heard {
  const root = mkdtempSync(join(tmpdir(), 'root'));
  chmodSync(root, 0o755);
  try {
    return startSession({ sessionRootDirectory: root, user: target(), ...options });
  } catch (error) {
    rmdirSync(root);
    throw error;
  }
}

/** `hostuser:sharedgroup 0770` */
export function accessOf(file: string): string {
  const { mode } = statSync(file);
  const names = execFileSync('stat', ['-c', '%U:%G', file], { encoding: 'utf8' }).trim();
  return `${names} 0${(mode & 0o7777).toString(8)}`;
}

/** How often this process called sudo. */
export function sudoCalls(): number {
  const counted = `/mnt/roots/sudo-calls-${process.pid}`;
  return existsSync(counted) ? readFileSync(counted, 'utf8').length : 0;
}

/** Processes of a user that are not about to be collected. */
export const processesOf = (uid: number): string[] =>
  readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    if (statSync(`/proc/${name}`, { throwIfNoEntry: false })?.uid !== uid) return false;
    return /\) [^ZX] /.test(read(`/proc/${name}/stat`));
  });

/** What any user can read of the command lines of all processes, with who they are. */
export const commandLines = (): string[] =>
  readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [read(`/proc/${name}/cmdline`)] : []));

export function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // It ended while we looked, or is not for us.
    return '';
  }
}
