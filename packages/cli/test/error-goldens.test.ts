/**
 * Every way to go wrong that we know: one line what, one why, one what to do, word for word in the snapshot; the exit
 * status of its kind; the same as a document that its schema admits; and nothing half-written.
 */
import { exitStatuses } from '@pipl/packl';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failure } from '../src/outputs/words.ts';
import { errorCases, type ErrorCase, folderOf, prepare } from './error-cases.ts';
import { errorOf, type Film, hashOf, makeFilm } from './film.ts';
import { atHome, piplHere } from './here.ts';

let film: Film;
beforeAll(async () => {
  film = await makeFilm();
  atHome(film);
  await prepare(film);
});
afterAll(() => film?.[Symbol.asyncDispose]());

/** What is another on each machine or day. */
const masked = (text: string): string =>
  text
    .replaceAll(film.folder, 'FILM')
    .replaceAll(/127\.0\.0\.1:(?!1\b)\d+/g, 'SERVER')
    .replaceAll(/\d{4}-\d\d-\d\d/g, 'DAY')
    .replaceAll(/[Pp]rocess \d+/g, 'process PID');

async function withEnv<T>(env: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T> {
  Object.assign(process.env, env);
  try {
    return await work();
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
  }
}

async function goWrong({ line, at, env = {} }: ErrorCase, json: boolean) {
  const places = { $FILM: film.folder, $PROJ: film.project, $WORK: folderOf(film, undefined) };
  const words = line.split(' ').map((word) => word.replace(/^\$[A-Z]+/, (name) => places[name as '$FILM']));
  const args = json ? ['--json', ...words] : words;
  return withEnv(env, () => piplHere(args, { cwd: folderOf(film, at) }));
}

test('the table is long, names every case once, and has every kind of status that a mistake can have', () => {
  const keys = errorCases.map(({ line, at }) => `${line} ${at}`);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.length).toBeGreaterThanOrEqual(60);
  const {
    ok: _ok,
    bug: _bug,
    interrupted: _interrupted,
    taskFailed: _failed,
    timeout: _timeout,
    ...kinds
  } = exitStatuses;
  expect([...new Set(errorCases.map(({ status }) => status))].toSorted((a, b) => a - b)).toEqual(
    Object.values(kinds),
  );
});

test.each(errorCases)('$status  pipl $line  $at', async (one) => {
  const before = hashOf(film.folder);
  const said = await goWrong(one, false);
  const lines = errorOf({ ...said, json: undefined as never });
  expect({ status: said.status, out: said.out, count: lines.length, err: said.err }).toMatchObject({
    status: one.status,
    out: '',
    count: 3,
  });
  const [what, why, fix] = lines.map(masked);
  expect([what, why, fix]).toEqual([
    expect.stringMatching(/^error: \S/),
    expect.stringMatching(/^ {2}why: \S/),
    expect.stringMatching(/^ {2}fix: \S/),
  ]);
  const asked = await goWrong(one, true);
  expect([asked.status, asked.err]).toEqual([one.status, '']);
  const document: unknown = JSON.parse(asked.out);
  expect(failure.parse(document)).toEqual(document); // no key that the schema does not know
  const { error } = failure.parse(document);
  const asLine = (text = ''): string => masked(text.replaceAll(/\s*\n\s*/g, ' '));
  expect([error.message, error.why, error.hint].map((text) => asLine(text))).toEqual([
    what?.slice('error: '.length),
    why?.slice('  why: '.length),
    fix?.slice('  fix: '.length),
  ]);
  expect(exitStatuses[error.kind]).toBe(one.status);
  expect(hashOf(film.folder)).toBe(before);
  expect([error.code, what, why, fix].join('\n')).toMatchSnapshot();
});
