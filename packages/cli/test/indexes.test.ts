/** Indexes, groups, promotion and withdrawal from the command line, on one served project. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Film, makeFilm, typedIn } from './film.ts';

let film: Film;
beforeAll(async () => {
  film = await makeFilm();
}, 540_000);
afterAll(() => film?.[Symbol.asyncDispose]());

const { run, refused } = typedIn(() => film);

test('indexes and groups are made, changed, listed and removed', async () => {
  await run('proj user add alice --password-stdin', { input: 'x\n' });
  expect(await run('proj group set supervisors alice root')).toBe('supervisors: alice, root\n');
  expect(await run('proj group set supervisors --remove root')).toBe('supervisors: alice\n');
  expect(await run('proj group list')).toBe('supervisors\talice\n');
  expect(await run('proj index create alice/stage --publish :supervisors --handler qa@root/PROJ')).toBe(
    'Created alice/stage, on top of root/PROJ\n',
  );
  expect(await refused('proj index create alice/stage')).toEqual([4, 'PIPL_INDEX_EXISTS']);
  expect(await run('proj index create-sub STAGE')).toBe('Created root/STAGE, on top of root/PROJ\n');
  expect(await run('proj index set root/STAGE --base alice/stage root/PROJ --read :AUTHENTICATED:')).toBe(
    'Changed root/STAGE\n',
  );
  expect(await refused('proj index set root/STAGE')).toEqual([2, 'PIPL_NOTHING_TO_SET']);
  expect(await refused('proj index set root/PROJ --base root/STAGE')).toEqual([7, 'PIPL_INDEX']);
  expect(await refused('proj index remove alice/stage')).toEqual([4, 'PIPL_INDEX_IN_USE']);
  expect(await run('proj index rm root/STAGE')).toBe('Removed root/STAGE\n');
  const listed = await run('proj index list-indexes');
  expect(listed).toContain('alice/stage\ton root/PROJ\tpublish :supervisors\n');
  expect(listed).not.toContain('STAGE\t');
});

test('in an index that only some may read, who is logged in works as ever', async () => {
  await run('proj user set root --password-stdin', { input: 'turnip\n' });
  await run('login root --password-stdin', { input: 'turnip\n' });
  await run('proj index set root/PROJ --read root');
  const hill = film.packl('@film/hill', { pipl: { kind: 'code' } });
  await run(`packl publish ${hill}`);
  const movie = film.packl('@film/movie', { version: '1.0.0', pipl: { kind: 'code' } });
  const nobody = { cwd: movie, env: { XDG_CONFIG_HOME: `${film.folder}/nobody` } };
  expect(await refused('packl add @film/hill story', nobody)).toEqual([11, 'PIPL_NO_PACKAGE']);
  expect((await run('packl add @film/hill story --edit', { cwd: movie })).split(' ').slice(0, 3)).toEqual([
    'Added',
    '@film/hill',
    '^1.0.0',
  ]);
  await run('proj index set root/PROJ --read default');
});

test('a version is approved, promoted, and withdrawn with a word about who depends on it', async () => {
  const bunny = film.packl('@film/bunny', { version: '1.0.0', pipl: { kind: 'code' } });
  const shot = film.packl('@film/shot', {
    version: '1.0.0',
    dependencies: { '@film/bunny': '^1.0.0' },
    pipl: { kind: 'code' },
  });
  await run(`packl publish ${bunny} ${shot} --to alice/stage`);
  expect(await run('approve @film/bunny@1.0.0 -m good')).toMatch(
    /^Approved @film\/bunny@1\.0\.0 in alice\/stage \(change \d+\)\n$/,
  );
  expect(await run('promote @film/bunny@1.0.0 @film/shot@1.0.0 --to root/PROJ')).toMatch(
    /^Promoted @film\/bunny@1\.0\.0 from alice\/stage to root\/PROJ \(change \d+\)\nPromoted @film\/shot/,
  );
  expect(await run('promote @film/bunny@1.0.0')).toBe('@film/bunny@1.0.0 is in root/PROJ already\n');
  expect(await refused('promote @film/bunny')).toEqual([2, 'PIPL_SPEC']);
  expect(await refused('packl withdraw @film/bunny@1.0.0 -m ears')).toEqual([4, 'PIPL_SEVERAL_SOURCES']);
  const what = 'packl withdraw @film/bunny@1.0.0 --index root/PROJ -m ears';
  const dependent = '  @film/shot@1.0.0 in root/PROJ asks for @film/bunny ^1.0.0: nothing fits any longer\n';
  expect(await run(`${what} --dry-run`)).toBe(
    `Would withdraw @film/bunny@1.0.0 from root/PROJ. What depends on it:\n${dependent}`,
  );
  expect(await run(what)).toBe(
    `Withdrew @film/bunny@1.0.0 from root/PROJ. What depends on it:\n${dependent}`,
  );
});
