/**
 * As whom a session's actions run: what the session has to know of a user, decided once when it is made.
 */
import { SessionUserError } from './errors.ts';
import { OtherUser } from './other-user.ts';
import type { PosixSessionUser } from './posix-user.ts';
import type { WindowsSessionUser } from './windows-user.ts';
import type { SessionFolders } from './working-directory.ts';

export type SessionUser = PosixSessionUser | WindowsSessionUser;

/** @throws SessionUserError for a user of a system that this runtime does not run on */
export function posixUserOf(user: SessionUser): PosixSessionUser {
  if (user.kind === 'posix') return user;
  throw new SessionUserError(`A session cannot run actions as the Windows user ${user.user}`, {
    why: 'This runtime starts programs on POSIX systems only.',
    hint: 'Give a PosixSessionUser.',
  });
}

/** What it takes to act as the user; undefined when that is the user of this process. */
export function actAs(
  user: PosixSessionUser,
  { own, working }: SessionFolders,
  onProblem: (problem: string) => void,
): OtherUser | undefined {
  if (user.isProcessUser) return undefined;
  return new OtherUser({ user, own, workingDirectory: working.path, onProblem });
}

/** Who else could read and change the session, in words worth a line of the log. */
export const risksOf = ({ group, othersInGroup }: PosixSessionUser): string[] =>
  othersInGroup.length === 0
    ? []
    : [`Others are in the group ${group} and may read and change this session: ${othersInGroup.join(', ')}`];
