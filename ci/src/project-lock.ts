/**
 * One server for each project: whoever opens the database holds this first. Where the database is a PostgreSQL
 * any number of servers share it, and the lock, with each other and with nobody else.
 *
 * The lock is a transaction on a small file beside the database: exclusive, or one that only reads. The kernel ends it with the process,
 * however that one dies, so there is nothing to heal and no moment in which two may think they have it. Who holds
 * it is noted in a second file, for people only.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { identityOf, isAlive, type ProcessIdentity } from '@pipl/openjd-sessions/process-identity';
import { piplError, type PiplError } from '@pipl/packl';

export interface ProjectLock {
  release(): void;
}

interface Holder extends ProcessIdentity {
  /** ISO 8601, UTC */
  readonly since: string;
}

const busy = 5; // SQLITE_BUSY

/** @throws PIPL_PROJECT_IN_USE (conflict) naming the process that holds it */
export async function lockProject(project: string, how: 'alone' | 'shared'): Promise<ProjectLock> {
  const folder = join(project, 'system', 'run');
  await mkdir(folder, { recursive: true });
  const note = join(folder, 'holder.json');
  const lock = new DatabaseSync(join(folder, 'server.lock'));
  try {
    lock.exec(how === 'alone' ? 'begin exclusive' : 'begin; select count(*) from sqlite_master');
  } catch (error) {
    lock.close();
    if ((error as { errcode?: number }).errcode === busy) throw inUse(project, holderIn(note));
    throw error;
  }
  const holder: Holder = { ...identityOf(process.pid), since: new Date().toISOString() };
  writeFileSync(note, JSON.stringify(holder));
  return { release: () => lock.close() };
}

/** undefined: it has not written its note yet, or the note is of an earlier one */
function holderIn(note: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(note, 'utf8')) as Holder;
    return isAlive(holder) ? holder : undefined;
  } catch {
    return undefined; // not there, or half written: the lock itself does not depend on it
  }
}

const inUse = (project: string, holder: Holder | undefined): PiplError =>
  piplError('conflict', 'PIPL_PROJECT_IN_USE', {
    what: `Another server has ${project}.`,
    why:
      holder === undefined
        ? 'It is starting right now.'
        : `Process ${holder.pid} has had it since ${holder.since}.`,
    hint: 'Use that one, or stop it first: pipl proj stop',
  });
