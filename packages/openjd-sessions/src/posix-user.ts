/**
 * A user of this machine as whom actions run, and the group that the agent and the user share: all
 * folders and files of the session belong to it. It looks both up once and changes nothing.
 */
import { execFileSync } from 'node:child_process';
import { basename } from 'node:path';

import { SessionUserError, messageOf } from './errors.ts';

export class PosixSessionUser {
  readonly kind = 'posix';
  readonly user: string;
  readonly group: string;
  readonly uid: number;
  readonly gid: number;
  /** Whether a login shell of the user runs commands: accounts of services have none. */
  readonly canLogIn: boolean;
  /** Who else is listed in the group: they can read and change what the session writes. */
  readonly othersInGroup: readonly string[];

  /**
   * @param group default: the effective group of this process
   * @throws SessionUserError for a user or group that does not exist, or where there are no POSIX users
   */
  constructor(user: string, group: string = String(process.getegid?.() ?? '')) {
    if (process.getuid === undefined) throw noPosix(user);
    const account = entry('passwd', user);
    const [name = user, , uid, , , , shell = ''] = account;
    const [groupName = group, , gid, members = ''] = entry('group', group);
    this.user = name;
    this.group = groupName;
    this.uid = Number(uid);
    this.gid = Number(gid);
    this.canLogIn = !['nologin', 'false'].includes(basename(shell));
    const own = ownName();
    this.othersInGroup = members
      .split(',')
      .filter((member) => member !== '' && member !== name && member !== own && member !== 'root');
  }

  /** Whether it is the user of this process: then nothing needs sudo. */
  get isProcessUser(): boolean {
    return this.uid === process.geteuid?.();
  }
}

/** How getent says that there is no such entry. */
const absent = 2;

/** The fields of an account in the system's databases, wherever they come from. */
function entry(database: 'passwd' | 'group', name: string): string[] {
  const kind = database === 'passwd' ? 'user' : 'group';
  if (!/^[^-:\s][^:\n\0]*$/.test(name)) throw unknown(kind, name, 'That cannot be a name.');
  try {
    const line = execFileSync('getent', [database, name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return (line.split('\n')[0] ?? '').split(':');
  } catch (error) {
    const isAbsent = error instanceof Error && 'status' in error && error.status === absent;
    if (isAbsent) throw unknown(kind, name, `\`getent ${database}\` does not know it.`, error);
    throw new SessionUserError(`The ${kind} ${name} cannot be looked up: getent failed`, {
      why: messageOf(error),
      hint: 'Is `getent` in PATH?',
      cause: error,
    });
  }
}

function ownName(): string | undefined {
  try {
    return entry('passwd', String(process.geteuid?.()))[0];
  } catch (error) {
    // A process may run under a number that has no name; it is then in no list of names either.
    if (error instanceof SessionUserError) return undefined;
    throw error;
  }
}

const unknown = (kind: string, name: string, why: string, cause?: unknown) =>
  new SessionUserError(`There is no ${kind} ${JSON.stringify(name)} on this machine`, {
    why,
    hint: `Give the name of a ${kind} that exists here.`,
    cause,
  });

const noPosix = (user: string) =>
  new SessionUserError(`${user} cannot be a POSIX user on ${process.platform}`, {
    why: 'This system has no POSIX users.',
    hint: 'Use WindowsSessionUser on Windows.',
  });
