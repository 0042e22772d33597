/** What people have and a run has not: commands of tasks, tools and editors. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorOf } from '../film.ts';
import type { Studio } from '../studio.ts';

export const people = (studio: () => Studio) =>
  describe('people', () => {
    const area = () => join(studio().project, 'workspaces/copies');
    const inCopy = () => ({ cwd: join(area(), 'copy') });

    test('the commands of a task are listed without code, with what they take', async () => {
      const TRAP = join(studio().folder, 'trap-of-commands');
      const { out } = await studio().must('commands', { ...inCopy(), env: { TRAP } });
      expect(out).toBe(`show  Read the memo  (@film/copy)
  --times <integer>  how often
sign  Sign and publish it  (@film/copy)
spoil  Fail  (@film/copy)
`);
      expect(existsSync(TRAP)).toBe(false);
    });

    test('a command reads what the task reads; in the shell its name is enough', async () => {
      expect((await studio().must('do show --times 2', inCopy())).out).toBe('dear done\ndear done\n');
      const input = 'show --times 1\n';
      const shell = await studio().must('work shell', { ...inCopy(), env: { SHELL: '/bin/sh' }, input });
      expect(shell.out).toBe('dear done\n');
    });

    test.each([
      ['do show --time 2', 2, 'PIPL_ARGUMENTS'],
      ['do show --times many', 2, 'PIPL_ARGUMENTS'],
      ['do shwo', 3, 'PIPL_NO_TASK_COMMAND'],
    ])('%s is refused', async (line, status, code) => {
      const ended = await studio().pipl([...line.split(' '), '--json'], inCopy());
      expect([ended.status, ended.json.error.code]).toEqual([status, code]);
    });

    test('a command that fails says whose code it was, and where', async () => {
      const ended = await studio().pipl(['do', 'spoil'], inCopy());
      expect([ended.status, ...errorOf(ended).slice(0, 2)]).toEqual([
        9,
        'error: A command of @film/studio@1.0.0 failed.',
        expect.stringMatching(/why: command spoil: spoiled \(types\.js:\d+\)/),
      ]);
    });

    test('what a command asks to be published the person publishes', async () => {
      const { out } = await studio().must('do sign', inCopy());
      expect(out).toMatch(/^Published @film\/copy-memo@\d+\.\d+\.\d+\.\n$/);
    });

    test('tools of the group edit are there for people, never as a run has it, and are told to npm', async () => {
      expect((await studio().must('work exec -- paint', inCopy())).out).toBe('painting\n');
      const published = await studio().must('packl show @film/studio --json');
      expect(published.json.data).toMatchObject({
        peerDependencies: { '@film/tools': '^3.0.0' },
        peerDependenciesMeta: { '@film/tools': { optional: true } },
      });
      await studio().must('work sync --ci', inCopy());
      const without = await studio().pipl(['work', 'exec', '--', 'paint', '--json'], inCopy());
      expect([without.status, existsSync(join(area(), '.edit'))]).toEqual([3, false]);
      await studio().must('work sync', inCopy());
      expect(JSON.parse(readFileSync(join(area(), '.edit/package.json'), 'utf8'))).toMatchObject({
        dependencies: { '@film/tools': '^3.0.0' },
      });
    });
  });
