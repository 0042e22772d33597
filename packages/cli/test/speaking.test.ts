/** The options that every command has for how it speaks and asks: --plain, --verbose, --no-input, --yes. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plainFor, plainLines } from '../src/plain.ts';
import { readPassword, typedText } from '../src/secrets.ts';
import { type Film, makeFilm } from './film.ts';
import { atHome, piplHere } from './here.ts';

let film: Film;
const here = (line: string, cwd = film.project) => piplHere(line.split(' '), { cwd });
beforeAll(async () => {
  film = await makeFilm();
  atHome(film);
  film.packl('@film/tool', { pipl: { kind: 'code' } });
});
afterAll(() => film?.[Symbol.asyncDispose]());

test('plain data are columns with a tab between them, in the order of the schema', async () => {
  const { out } = await here('proj index list-indexes --plain');
  expect(out.split('\n')[0]!.split('\t').slice(0, 3)).toEqual(['root/PROJ', '["root/npm"]', 'false']);
  const shown = await here('packl show --plain', join(film.project, 'workspaces/film/tool'));
  expect(shown.out).toBe('name\t@film/tool\nversion\t1.0.0\npipl\t{"kind":"code"}\ntype\tmodule\n');
});

test('a column stays where it is when something is absent, and a text stays in its column', () => {
  const users = plainFor('proj user list');
  expect(users([{ name: 'a' }, { email: 'b@c', name: 'b' }])).toEqual(['a\t', 'b\tb@c']);
  const columns = { ofThings: ['x'], ofOne: [] };
  expect(plainLines([{ x: 'a\tb\nc\\d' }, { x: null }, 'e'], columns)).toEqual(['a\\tb\\nc\\\\d', '', 'e']);
  expect(plainLines(7, columns)).toEqual(['7']);
});

test('verbose says what is asked of the server; the data is as ever', async () => {
  const [quiet, loud] = [await here('proj user list'), await here('proj user list --verbose')];
  expect(loud.out).toBe(quiet.out);
  expect(loud.err).toMatch(/^GET http:\/\/127\.0\.0\.1:\d+\/-\/pipl\/v1\/users → 200, \d+ ms$/m);
  expect(quiet.err).not.toContain('GET');
});

const asked = { noInput: true } as const;
test.each([
  [
    'a password',
    () => readPassword({ fromStdin: undefined, of: 'root', terminal: asked }),
    '--password-stdin',
  ],
  ['a text', () => typedText({ ask: 'What changed?', option: '-m WHY', terminal: asked }), '-m WHY'],
])(
  'with --no-input, or where nobody is, nobody is asked for %s: the error names the option',
  async (_, ask, option) => {
    const person = { stdin: process.stdin.isTTY, stdout: process.stdout.isTTY };
    try {
      process.stdin.isTTY = true;
      process.stdout.isTTY = true;
      await expect(ask()).rejects.toMatchObject({
        exitStatus: 2,
        why: 'With --no-input nobody is asked for it.',
        hint: expect.stringContaining(option),
      });
    } finally {
      process.stdin.isTTY = person.stdin;
      process.stdout.isTTY = person.stdout;
    }
  },
);

test('--no-input ends a command that would ask, --yes answers its question', async () => {
  const packl = join(film.project, 'workspaces/film/tool');
  const change = await here('packl change minor --no-input', packl);
  expect([change.status, change.err]).toEqual([2, expect.stringContaining('fix: Give it: -m WHY')]);
  await here('work create sketch');
  const sketch = join(film.project, 'workspaces/sketch');
  mkdirSync(sketch, { recursive: true });
  await here('packl create @film/idea', sketch);
  const kept = await here('work remove sketch --no-input');
  expect([kept.status, existsSync(sketch)]).toEqual([4, true]);
  const gone = await here('work remove sketch --yes');
  expect([gone.status, existsSync(sketch)]).toEqual([0, false]);
});
