/**
 * As whom actions run, what they find, whose the files are, and what never becomes visible.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { PosixSessionUser, SessionUserError, WindowsSessionUser } from '../../src/index.ts';
import { environment, eventually, task } from '../session-fixture.ts';
import {
  accessOf,
  agent,
  commandLines,
  isRoot,
  notify,
  read,
  target,
  textFile,
  userSession,
} from './scene.ts';
import type { Cases } from './scene.ts';

export const acting: Cases = {
  'an action runs as the user, with all groups of the user': async () => {
    await using heard = userSession();
    await heard.session.runTask(task('id -un; id -gn; id -Gn; umask; pwd'));
    const { workingDirectory } = heard.session;
    assert.deepEqual(heard.output(), [
      'targetuser',
      'targetuser',
      'targetuser sharedgroup crowdedgroup',
      '0022',
      workingDirectory,
    ]);
  },

  'folders are 0770 and files 0660, of the agent and the shared group; files that run are 0770': async () => {
    await using heard = userSession();
    const { workingDirectory, filesDirectory } = heard.session;
    const files = [
      textFile('A', 'a', { filename: 'a' }),
      textFile('B', '#!/bin/sh\nid -un', { filename: 'b', runnable: true }),
    ];
    await heard.session.runTask(task('{{Task.File.B}}', {}, files));
    assert.equal(accessOf(heard.root), `${agent}:${agent} 0755`);
    assert.equal(accessOf(workingDirectory), `${agent}:sharedgroup 0770`);
    assert.equal(accessOf(filesDirectory), `${agent}:sharedgroup 0770`);
    assert.equal(accessOf(join(filesDirectory, 'a')), `${agent}:sharedgroup 0660`);
    assert.equal(accessOf(join(filesDirectory, 'b')), `${agent}:sharedgroup 0770`);
    assert.deepEqual(heard.output(), ['targetuser']);
    const own = readdirSync(heard.root).find((name) => name.startsWith('.session')) ?? '';
    assert.equal(accessOf(join(heard.root, own)), `${agent}:sharedgroup 0710`);
  },

  "files of an environment are the user's to read as well": async () => {
    await using heard = userSession();
    const entered = { ...environment('E', { enter: 'cat {{Env.File.A}}' }) };
    const script = { ...entered.script!, embeddedFiles: [textFile('A', 'for you')] };
    await heard.session.enterEnvironment({ environment: { ...entered, script } });
    assert.deepEqual(heard.output(), ['for you']);
  },

  "it finds what the user finds after logging in, and nothing of the agent's": async () => {
    await using heard = userSession({ osEnvVars: { MINE: 'set', MAIL: null } });
    await heard.session.runTask(task('echo "$USER $HOME $LOGIN_SAYS $MINE ${MAIL-none}"; env'));
    const [first, ...variables] = heard.output();
    assert.equal(first, 'targetuser /mnt/home/targetuser hello there set none');
    assert.deepEqual(
      variables.filter((line) => /SUDO_|AGENT_SECRET|TMPDIR|some noise/.test(line)),
      [],
    );
  },

  'values and arguments arrive exactly, newlines and quotes included': async () => {
    const value = `a'b"c\n$(id) \`id\` \\ \t;é\n`;
    await using heard = userSession({ osEnvVars: { A: value } });
    const args = ['-c', 'printf "%s|" "$A" "$@"', 'sh', value, '', '-n'];
    const stepScript = {
      actions: { onRun: { command: 'sh', args: args.map((arg) => arg.replaceAll('{{', '')) } },
    };
    await heard.session.runTask({ stepScript, taskParameterValues: {} });
    assert.equal(heard.output().join('\n'), `${value}|${value}||-n|`);
  },

  'a variable that no shell hands on is refused in words': async () => {
    await using heard = userSession({ osEnvVars: { 'a.b': '1' } });
    const status = await heard.session.runTask(task('true'));
    assert.match(status.failMessage ?? '', /cannot be started as targetuser with these variables/);
  },

  'exit codes and signals are told as they are': async () => {
    for (const [script, exitCode] of [
      ['exit 7', 7],
      ['exit 143', 143],
      ['kill -TERM $$', -15],
      ['kill -KILL $$', -9],
      ['kill -KILL 0', -9],
    ] as const) {
      await using heard = userSession();
      assert.deepEqual(await heard.session.runTask(task(script)), { state: 'FAILED', exitCode }, script);
    }
  },

  'a program that is not there, or not for the user, fails in words': async () => {
    for (const [command, words] of [
      ['no-such-program', /was not found in PATH/],
      ['/etc/passwd', /targetuser may not execute it/],
      ['./absent', /is no program/],
    ] as const) {
      await using heard = userSession();
      const stepScript = { actions: { onRun: { command } } };
      const status = await heard.session.runTask({ stepScript, taskParameterValues: {} });
      assert.equal(status.state, 'FAILED');
      assert.match(status.failMessage ?? '', words);
    }
  },

  'what the user wrote is gone after the session, folders without write permission too': async () => {
    await using heard = userSession();
    const { session } = heard;
    await session.runTask(
      task('mkdir -p a/b; echo x >a/b/c; chmod 000 a/b/c; chmod 555 a/b a; umask 077; mkdir d'),
    );
    assert.equal(statSync(join(session.workingDirectory, 'a')).uid, target().uid);
    await session.cleanup();
    assert.deepEqual(readdirSync(heard.root), []);
  },

  'what the user wrote stays when the working directory is retained': async () => {
    await using heard = userSession({ retainWorkingDir: true });
    await heard.session.runTask(task('echo kept >file'));
    await heard.session.cleanup();
    assert.equal(readFileSync(join(heard.session.workingDirectory, 'file'), 'utf8'), 'kept\n');
    assert.equal(readdirSync(heard.root).length, 1);
    execFileSync('sudo', ['-n', '-u', 'targetuser', 'rm', join(heard.session.workingDirectory, 'file')]);
  },

  'a link in the place of the folder for files leads nowhere': async () => {
    await using heard = userSession();
    const trap = join(heard.root, 'trap');
    mkdirSync(trap, { mode: 0o777 });
    await heard.session.runTask(
      task(`mv embedded_files* aside; ln -s ${trap} $(basename ${heard.session.filesDirectory})`),
    );
    await heard.session.runTask(task('true', {}, [textFile('A', 'secret', { filename: 'a' })]));
    assert.deepEqual(readdirSync(trap), []);
    assert.equal(existsSync(join(heard.session.workingDirectory, 'aside', 'a')), true);
  },

  'a link in the place of cancel_info.json leads nowhere': async () => {
    await using heard = userSession();
    const precious = join(heard.root, 'precious');
    writeFileSync(precious, 'as it was');
    symlinkSync(precious, join(heard.session.workingDirectory, 'cancel_info.json'));
    const running = heard.session.runTask(
      task('trap "exit 0" TERM; echo ready; while :; do sleep 0.02; done', notify),
    );
    await eventually(() => heard.output().includes('ready'));
    await heard.session.cancelAction();
    await running;
    assert.equal(readFileSync(precious, 'utf8'), 'as it was');
  },

  'no value of a variable is on a command line, or with sudo': async () => {
    await using heard = userSession({ osEnvVars: { PASSWORD: 'hunter2secret' } });
    const running = heard.session.runTask(task('echo ready; while ! test -e go; do sleep 0.02; done'));
    await eventually(() => heard.output().includes('ready'));
    const lines = commandLines();
    assert.equal(
      lines.some((line) => /sudo\0-n\0-u\0targetuser/.test(line)),
      true,
    );
    assert.deepEqual(
      lines.filter((line) => line.includes('hunter2secret')),
      [],
    );
    const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
    const knows = (secret: string) =>
      all
        .filter((pid) => read(`/proc/${pid}/environ`).includes(secret))
        .map((pid) => read(`/proc/${pid}/comm`));
    // Only root can look into the environments of others: then only the job knows.
    assert.deepEqual(
      new Set(knows('hunter2secret').filter((name) => name !== '' && name !== 'sleep\n')),
      new Set(isRoot ? ['sh\n'] : []),
    );
    assert.deepEqual(knows(process.env.AGENT_SECRET ?? 'not set'), []);
    writeFileSync(join(heard.session.workingDirectory, 'go'), '');
    assert.equal((await running).state, 'SUCCESS');
  },

  "a job can neither signal its agent, nor read the agent's files, nor use sudo": async () => {
    await using heard = userSession();
    const own = join(heard.root, 'agents-own');
    writeFileSync(own, 'agents-own-file', { mode: 0o600 });
    const tries = [`kill -0 ${process.pid}`, `cat ${own}`, `cat /proc/${process.pid}/environ`, 'sudo -n -l'];
    for (const attempt of tries)
      await heard.session.runTask(task(`${attempt} 2>/dev/null && echo possible; exit 0`));
    assert.deepEqual(heard.output(), []);
    rmSync(own);
  },

  'a user that cannot log in can still run actions': async () => {
    await using heard = userSession({ user: new PosixSessionUser('serviceuser', 'sharedgroup') });
    await heard.session.runTask(task('id -un; echo $HOME'));
    assert.deepEqual(heard.output(), ['serviceuser', '/mnt/home/serviceuser']);
  },

  'whoever else is in the group is named in the log': async () => {
    await using heard = userSession({ user: new PosixSessionUser('targetuser', 'crowdedgroup') });
    const warning = heard.records.find(({ level }) => level === 'WARNING');
    assert.match(warning?.message ?? '', /Others are in the group crowdedgroup .*disjointuser/);
  },

  'users and groups that do not exist are refused': async () => {
    assert.throws(() => new PosixSessionUser('nobody-here', 'sharedgroup'), SessionUserError);
    assert.throws(() => new PosixSessionUser('targetuser', 'no-such-group'), /There is no group/);
    assert.throws(() => new PosixSessionUser('-i', 'sharedgroup'), SessionUserError);
    assert.throws(() => userSession({ user: new WindowsSessionUser('artist') }), SessionUserError);
  },
};
