/**
 * Cancels, timeouts and the end of a session reach every process of the user that belongs to it, and no other.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { PosixSessionUser } from '../../src/index.ts';
import { eventually, isAlive, pidIn, task } from '../session-fixture.ts';
import { accessOf, notify, userSession } from './scene.ts';
import type { Cases } from './scene.ts';

const escapee = (how: string) => `${how} sh -c 'echo $$ >pid; exec sleep 60' >/dev/null 2>&1 & `;

export const stopping: Cases = {
  'SIGTERM reaches the program and what it started': async () => {
    await using heard = userSession();
    const listens = `trap 'echo heard; exit 0' TERM; echo ready; while :; do sleep 0.02; done`;
    const running = heard.session.runTask(task(`(${listens}) & ${listens}`, notify));
    await eventually(() => heard.output().filter((line) => line === 'ready').length === 2);
    await heard.session.cancelAction();
    assert.deepEqual(await running, { state: 'CANCELED', exitCode: 0 });
    assert.equal(heard.output().filter((line) => line === 'heard').length, 2);
    assert.match(accessOf(join(heard.session.workingDirectory, 'cancel_info.json')), /:sharedgroup 0660/);
  },

  'SIGKILL reaches grandchildren that ignore everything else': async () => {
    await using heard = userSession();
    const running = heard.session.runTask(task(`(trap '' INT TERM; ${escapee('')} sleep 60) & sleep 60`));
    const pid = await pidIn(join(heard.session.workingDirectory, 'pid'));
    await heard.session.cancelAction();
    assert.deepEqual(await running, { state: 'CANCELED', exitCode: -9 });
    assert.equal(isAlive(pid), false);
  },

  ...Object.fromEntries(
    ['setsid', 'setsid setsid', 'env -u OPENJD_SESSION_MARK setsid'].map((how) => [
      `a cancel kills what escaped with ${how}`,
      async () => {
        await using heard = userSession();
        const running = heard.session.runTask(task(`${escapee(how)} sleep 60`));
        const pid = await pidIn(join(heard.session.workingDirectory, 'pid'));
        await heard.session.cancelAction();
        assert.equal((await running).state, 'CANCELED');
        assert.equal(isAlive(pid), false);
      },
    ]),
  ),

  'a timeout kills a double fork': async () => {
    await using heard = userSession();
    const forked = `(setsid sh -c "${escapee('').replaceAll('$', '\\$')}" &)`;
    const running = heard.session.runTask(task(`${forked}; sleep 60`, { timeout: 1 }));
    const pid = await pidIn(join(heard.session.workingDirectory, 'pid'));
    assert.equal((await running).state, 'TIMEOUT');
    assert.equal(isAlive(pid), false);
  },

  'the end of the session kills what is left, also what is known only by its output': async () => {
    await using heard = userSession();
    const { session } = heard;
    await session.runTask(task(`(setsid sh -c "${escapee('').replaceAll('$', '\\$')}" &) ; exit 0`));
    const pid = await pidIn(join(session.workingDirectory, 'pid'));
    await session.runTask(
      task(`env -i PATH="$PATH" setsid sh -c 'echo $$ >other; exec sleep 60' & sleep 0.1`),
    );
    const other = await pidIn(join(session.workingDirectory, 'other'));
    assert.deepEqual([isAlive(pid), isAlive(other)], [true, true]);
    await session.cleanup();
    assert.deepEqual([isAlive(pid), isAlive(other)], [false, false]);
  },

  'another session of the same user is never touched': async () => {
    await using one = userSession();
    await using other = userSession();
    const running = other.session.runTask(task('echo ready; sleep 1; echo whole'));
    await eventually(() => other.output().includes('ready'));
    const canceled = one.session.runTask(task('sleep 60'));
    await one.session.cancelAction();
    await canceled;
    await one.session.cleanup();
    assert.equal((await running).state, 'SUCCESS');
    assert.deepEqual(other.output(), ['ready', 'whole']);
  },

  'a job that kills the helper of its session ends with it all the same': async () => {
    await using heard = userSession();
    const killsIt = 'kill -KILL $(cut -d" " -f4 /proc/$PPID/stat)';
    const running = heard.session.runTask(task(`${killsIt}; ${escapee('setsid')} sleep 60`));
    const pid = await pidIn(join(heard.session.workingDirectory, 'pid'));
    await heard.session.cancelAction();
    assert.equal((await running).state, 'CANCELED');
    assert.equal(isAlive(pid), false);
  },

  'a job that stops the helper of its session ends with it all the same': async () => {
    await using heard = userSession();
    const stopsIt = 'kill -STOP $(cut -d" " -f4 /proc/$PPID/stat)';
    const running = heard.session.runTask(task(`${stopsIt}; ${escapee('setsid')} sleep 60`));
    const pid = await pidIn(join(heard.session.workingDirectory, 'pid'));
    await heard.session.cancelAction();
    assert.equal((await running).state, 'CANCELED');
    assert.equal(isAlive(pid), false);
  },

  'it ends so too where sudo itself stops, because the helper is its child': async () => {
    await using heard = userSession({ user: new PosixSessionUser('serviceuser', 'sharedgroup') });
    const stopsIt = 'kill -STOP $(cut -d" " -f4 /proc/$PPID/stat)';
    const running = heard.session.runTask(task(`${stopsIt}; ${escapee('setsid')} sleep 60`));
    const pid = await pidIn(join(heard.session.workingDirectory, 'pid'));
    await heard.session.cancelAction();
    assert.equal((await running).state, 'CANCELED');
    assert.equal(isAlive(pid), false);
  },
};
