/** The "Project Init" of the original's README, line by line, with the same outcomes; and what its last release failed at. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type Ended, errorOf, type Film, makeFilm } from './film.ts';

const away = mkdtempSync(join(tmpdir(), 'pipl-init-'));
let film: Film | undefined;
afterAll(async () => {
  await film?.[Symbol.asyncDispose]();
  rmSync(away, { recursive: true, force: true });
});

/** Adds up what the lines take, and beside each what a bare Node takes: tests run beside each other. */
function stopwatch() {
  let [lines, bare, count] = [0, 0, 0];
  return {
    async time<T>(work: () => Promise<T>): Promise<T> {
      const began = performance.now();
      const done = await work();
      const ended = performance.now();
      spawnSync(process.execPath, ['-e', '0']);
      [lines, bare, count] = [lines + ended - began, bare + performance.now() - ended, count + 1];
      return done;
    },
    seconds: () => lines / 1000,
    /** of an idle machine: a bare Node takes 60 ms there at most */
    timesAsSlow: () => Math.max(1, bare / count / 60),
  };
}

test('the lines of "Project Init" replay in less than ten seconds', { timeout: 540_000 }, async () => {
  film = await makeFilm({ start: false }); // for its home and its framework: the project is made below
  const project = join(film.folder, 'MyProject');
  const { pipl, begin } = film;
  await pipl(['--version']);
  const watch = stopwatch();
  const typed = async (line: string): Promise<Ended> => {
    const args = line
      .replaceAll('""', '\u0000')
      .split(' ')
      .map((word) => (word === '\u0000' ? '' : word));
    return watch.time(() => pipl(args.slice(1), { cwd: project }));
  };

  expect(await watch.time(() => pipl(['proj', 'create', project]))).toMatchObject({ status: 0 });
  const server = begin(['proj', 'start'], { cwd: project });
  const [ready] = (await watch.time(() => once(server.stdout, 'data'))) as [Buffer];
  expect(ready.toString()).toMatch(/MyProject is served at http:/);

  const users = await typed('pipl proj user list');
  expect(users).toMatchObject({ status: 0, out: 'root\n', err: `Found 1 user(s) in project ${project}:\n` });

  const set = await typed('pipl proj user set "" root --password 123');
  expect(set).toMatchObject({ status: 0, err: expect.stringContaining('warning: A password') });
  const added = await typed('pipl proj user add 123 bob b0b bob@pipl.io');
  expect(added).toMatchObject({ status: 0, err: expect.stringContaining('warning: A password') });
  expect((await typed('pipl proj user list')).out).toBe('bob\tbob@pipl.io\nroot\n');
  expect(await typed('pipl proj index create-default 123')).toMatchObject({ status: 0 });
  const indexes = await typed('pipl proj index list-indexes');
  expect(indexes.err).toMatch(/^Found \d Index\(es\) in project /);
  expect(indexes.out).toMatch(/^root\/PROJ\t/m);

  const [seconds, slow] = [watch.seconds(), watch.timesAsSlow()];
  console.log(
    `"Project Init" took ${seconds.toFixed(1)} s on a machine ${slow.toFixed(1)} times as slow as an idle one`,
  );
  expect(seconds / slow).toBeLessThan(10);

  // The old password is gone, and nobody needs a traceback to learn of it.
  const refused = await typed('pipl proj user add "" eve e eve@pipl.io');
  expect([refused.status, errorOf(refused)]).toEqual([
    5,
    [expect.stringContaining('root'), expect.any(String), expect.any(String)],
  ]);

  // Killed, the server is in nobody's way.
  const { pid } = (await typed('pipl proj status --json')).json.data as { pid: number };
  process.kill(pid, 'SIGKILL');
  await once(server, 'close');
  expect(await typed('pipl proj start --detach')).toMatchObject({ status: 0 });
  expect(await typed('pipl proj stop')).toMatchObject({ status: 0 });
});

test('a version twice: refused where it stays for ever, taken where it does not, and told to the feed', async () => {
  film ??= await makeFilm({ start: false });
  const { pipl, project } = film;
  const run = async (line: string) =>
    pipl([...line.split(' '), '--json'], { cwd: join(project, 'workspaces/film') });
  await run('proj start --detach');
  await run('proj index create root/nightly --volatile');
  const packl = film.packl('@film/twice', { pipl: { kind: 'code' } });
  expect(await run(`packl publish ${packl}`)).toMatchObject({ status: 0 });
  expect(await run(`packl publish ${packl}`)).toMatchObject({
    status: 4,
    json: { error: { code: 'PIPL_VERSION_TAKEN' } },
  });
  const seqOf = async () =>
    (await run(`packl publish ${packl} --to root/nightly`)).json.data['seq'] as unknown as number;
  const first = await seqOf();
  writeFileSync(join(packl, 'more.js'), 'export {};\n');
  expect(await seqOf()).toBeGreaterThan(first);
});
