/** A shell and programs in a workspace: its prompt, its programs, statuses and signals. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Film, lacking, makeFilm } from './film.ts';

let film: Film;
let shot: string;
beforeAll(async () => {
  film = await makeFilm({ start: false });
  shot = film.packl('@film/shot', { pipl: { kind: 'code' } });
  const bins = join(shot, 'node_modules/.bin');
  mkdirSync(bins, { recursive: true });
  writeFileSync(join(bins, 'grade'), '#!/bin/sh\necho graded by the packl\n');
  chmodSync(join(bins, 'grade'), 0o755);
});
afterAll(() => film[Symbol.asyncDispose]());

const bash = { SHELL: '/bin/bash' };
const has = (program: string): boolean => spawnSync('which', [program]).status === 0;

test("work shell has the packl's programs, and hands its exit status on", async (context) => {
  if (!has('bash')) lacking(context, 'there is no bash here');
  const input = 'grade\necho "in $PIPL_WORKSPACE"\nexit 7\n';
  const ended = await film.pipl(['work', 'shell'], { cwd: shot, env: bash, input });
  expect(ended).toMatchObject({
    status: 7,
    out: `graded by the packl\nin ${join(film.project, 'workspaces/film')}\n`,
  });
});

test('on a terminal its prompt names the workspace, whatever the start files of bash do', async (context) => {
  if (!has('bash') || !has('script')) lacking(context, 'there is no bash or no script(1) here');
  writeFileSync(join(film.folder, 'home/.bashrc'), "PS1='own> '\n");
  const { args, env } = film.commandLine(['work', 'shell']);
  const line = args.map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', line, '/dev/null'], { cwd: shot, env: { ...env, ...bash } });
  let screen = '';
  const told = new Set<string>();
  child.stdout.on('data', (text) => {
    screen += text;
    const type = (after: RegExp, keys: string): void => {
      if (told.has(keys) || !after.test(screen)) return;
      told.add(keys);
      child.stdin.write(keys);
    };
    type(/\{film\} own> /, 'grade\n');
    type(/graded by the packl/, 'exit 5\n');
  });
  const [status] = await once(child, 'close');
  expect({ status, screen }).toMatchObject({
    status: 5,
    screen: expect.stringContaining('graded by the packl'),
  });
});

test('work exec hands on the exit status, and says which signal ended the program', async () => {
  const exec = (script: string) => film.pipl(['work', 'exec', '--', 'sh', '-c', script], { cwd: shot });
  expect(await exec('grade; exit 3')).toMatchObject({ status: 3, out: 'graded by the packl\n' });
  expect(await exec('kill -KILL $$')).toMatchObject({ status: 137 });
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'a %s to work exec is for its program',
  async (signal) => {
    const script = `trap 'echo got it; exit 4' ${signal.slice(3)}; echo $$; while :; do sleep 0.05; done`;
    const child = film.begin(['work', 'exec', '--', 'sh', '-c', script], { cwd: shot });
    let out = '';
    child.stdout.on('data', (text) => (out += text));
    await once(child.stdout, 'data');
    child.kill(signal);
    const [status] = await once(child, 'close');
    expect({ status, out }).toEqual({ status: 4, out: expect.stringMatching(/^\d+\ngot it\n$/) });
  },
);
