/**
 * What sudo costs and what happens without it, and who is kept out.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { PosixSessionUser, SessionUserError } from '../../src/index.ts';
import { environment, eventually, isAlive, pidIn, startSession, task } from '../session-fixture.ts';
import { accessOf, agent, sudoCalls, target, textFile, userSession } from './scene.ts';
import type { Cases } from './scene.ts';

/** They count sudo, or take it away: one after the other, and nothing beside them. */
export const alone: Cases = {
  'tasks, a daemon, a cancel and the clean-up cost one sudo': async () => {
    const before = sudoCalls();
    await using heard = userSession();
    const { session } = heard;
    await session.enterEnvironment({
      environment: environment('E', { enter: 'sleep 60 >/dev/null 2>&1 & echo $! >pid', exit: 'true' }),
      identifier: 'e',
    });
    const daemon = await pidIn(join(session.workingDirectory, 'pid'));
    await session.runTask(task('exit 0'));
    for (let count = 0; count < 50; count += 1) {
      assert.deepEqual(await session.runTask(task('exit 0')), { state: 'SUCCESS', exitCode: 0 });
    }
    const running = session.runTask(task('echo ready; sleep 60'));
    await eventually(() => heard.output().includes('ready'));
    await session.cancelAction();
    await running;
    assert.equal(isAlive(daemon), true);
    await session.exitEnvironment({ identifier: 'e' });
    await session.cleanup();
    assert.equal(isAlive(daemon), false);
    assert.equal(sudoCalls() - before, 1);
  },

  'as the user of this process nothing needs sudo': async () => {
    const before = sudoCalls();
    const user = new PosixSessionUser(agent, 'sharedgroup');
    assert.equal(user.isProcessUser, true);
    assert.equal(target().isProcessUser, false);
    await using heard = userSession({ user });
    await heard.session.runTask(task('id -un'));
    assert.deepEqual(heard.output(), [agent]);
    assert.equal(accessOf(heard.session.workingDirectory), `${agent}:sharedgroup 0770`);
    assert.equal(sudoCalls(), before);
  },

  'without a user folders are 0700 and files 0600': async () => {
    await using heard = startSession();
    const { workingDirectory, filesDirectory } = heard.session;
    await heard.session.runTask(task('true', {}, [textFile('A', 'a', { filename: 'a' })]));
    assert.equal(accessOf(workingDirectory), `${agent}:${agent} 0700`);
    assert.equal(accessOf(filesDirectory), `${agent}:${agent} 0700`);
    assert.equal(accessOf(join(filesDirectory, 'a')), `${agent}:${agent} 0600`);
  },

  'without sudo an action fails, and says what to do': async () => {
    const { PATH } = process.env;
    await using heard = userSession();
    try {
      process.env.PATH = '/mnt/without-sudo';
      const status = await heard.session.runTask(task('true'));
      assert.equal(status.state, 'FAILED');
      assert.match(status.failMessage ?? '', /Nothing can be run as targetuser: sudo was not found in PATH/);
      assert.throws(() => target(), /getent/);
    } finally {
      process.env.PATH = PATH;
    }
  },
};

export const onlyAgent: Cases = {
  'a user that sudo does not allow: the action fails, and says what sudo said and what to do': async () => {
    const user = new PosixSessionUser('disjointuser', 'sharedgroup');
    await using heard = userSession({ user });
    const status = await heard.session.runTask(task('true'));
    assert.equal(status.state, 'FAILED');
    assert.match(status.failMessage ?? '', /Nothing can be run as disjointuser: sudo: .*NOPASSWD/);
    assert.equal(heard.session.state, 'READY_ENDING');
  },

  'a user that shares no group with this one is refused before anything is written': async () => {
    const user = new PosixSessionUser('disjointuser', 'disjointgroup');
    assert.throws(
      () => userSession({ user }),
      (error) =>
        error instanceof SessionUserError && /cannot be given to the group disjointgroup/.test(error.message),
    );
  },
};

export const onlyRoot: Cases = {
  'a user outside the group gets EACCES for everything of the session': async () => {
    await using heard = userSession();
    const { session } = heard;
    await session.runTask(
      task('umask 002; echo mine >file; chmod 666 file', {}, [textFile('A', 'a', { filename: 'a' })]),
    );
    const looks = [
      join(session.workingDirectory, 'file'),
      join(session.filesDirectory, 'a'),
      session.workingDirectory,
    ];
    for (const path of looks) {
      const look = ['--reuid', 'disjointuser', '--regid', 'disjointuser', '--init-groups', 'ls', path];
      assert.throws(() => execFileSync('setpriv', look, { stdio: 'pipe' }), /Permission denied/);
    }
  },
};
