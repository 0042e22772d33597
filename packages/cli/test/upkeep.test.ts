/** `pipl fsck`, `proj backup`, `proj restore`: with the server running and without. */
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postgresPrograms, startCluster } from '../../../registry/test/cluster.ts';
import { errorOf, type Film, lacking, makeFilm } from './film.ts';

let film: Film;
beforeAll(async () => {
  film = await makeFilm();
}, 540_000);
afterAll(() => film?.[Symbol.asyncDispose]());

const pipl = (line: string, env: NodeJS.ProcessEnv = {}) =>
  film.pipl(line.split(' '), { cwd: film.project, env });

/** The one tarball of the project, one bit of it turned. */
function flipByte(): void {
  const blobs = join(film.project, 'system', 'blobs', 'sha512');
  const files = readdirSync(blobs, { recursive: true, encoding: 'utf8' }).map((name) => join(blobs, name));
  const [file = ''] = files.filter((name) => statSync(name).isFile());
  const bytes = readFileSync(file);
  bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20);
  chmodSync(file, 0o644);
  writeFileSync(file, bytes);
}

test(
  'a project is backed up while it runs, restored, checked; what has changed on disk ends fsck with 7',
  { timeout: 540_000 },
  async () => {
    const backup = join(film.folder, 'backup');
    const again = join(film.folder, 'again');
    const well = await pipl('fsck --read-data');
    expect(well.out).toMatch(/^Checked 1 version.*\nAll is well\.\n$/);
    expect(well.err).toContain('Assets were not looked at');
    const made = await pipl(`proj backup ${backup}`);
    expect([made.status, made.out]).toEqual([0, expect.stringContaining('1 tarball,')]);
    expect(made.err).toContain('a store that a packl brings');
    expect(await pipl(`proj restore ${backup} ${again}`)).toMatchObject({
      status: 0,
      err: expect.stringContaining('Next: '),
    });
    // Of a project whose server does not run.
    const offline = await pipl(`fsck ${again} --read-data --json`);
    expect([offline.status, offline.json.data]).toMatchObject([
      0,
      { ok: true, readData: true, findings: [] },
    ]);

    flipByte();
    expect(await pipl('fsck')).toMatchObject({ status: 0 });
    const found = await pipl('fsck --read-data --repair --json');
    const findings = [{ problem: 'content-wrong', subject: '@pipl/pipe@1.0.0 in root/PROJ' }];
    expect([found.status, found.json.data]).toMatchObject([7, { ok: false, findings }]);

    const taken = await pipl(`proj restore ${backup} ${again}`);
    expect([taken.status, errorOf(taken)[0]]).toEqual([
      4,
      expect.stringContaining('Cannot restore a project'),
    ]);
  },
);

test(
  'a project in PostgreSQL, made and served by the bundled command',
  { timeout: 540_000 },
  async (context) => {
    if (postgresPrograms() === undefined) lacking(context, 'PostgreSQL is not installed');
    const cluster = await startCluster();
    const path = join(film.folder, 'shared');
    try {
      const database = await cluster.database();
      const refused = await pipl(
        `proj create ${path} --database ${database.replace('pipl@', 'pipl:secret@')}`,
      );
      expect([refused.status, errorOf(refused)[1]]).toEqual([2, expect.stringContaining('password')]);
      expect(await pipl(`proj create ${path} --database ${database}`)).toMatchObject({ status: 0 });
      // The password is the server's to know; trusted as this cluster is, it only has to be heard.
      const env = { PIPL_DATABASE_PASSWORD: 'carrot' };
      expect(await pipl(`proj start ${path} --detach`, env)).toMatchObject({ status: 0 });
      expect((await pipl(`fsck ${path} --read-data`)).out).toContain('All is well.');
      expect(await pipl(`proj stop ${path}`)).toMatchObject({ status: 0 });
    } finally {
      await cluster.remove();
    }
  },
);

test('what a volatile index keeps is said when it is made or changed', async () => {
  const settings = async (line: string) => (await pipl(`${line} --json`)).json;
  expect(await settings('proj index create root/nightly --volatile --keep 3')).toMatchObject({
    ok: true,
    data: { retention: { keep: 3 } },
  });
  expect(await settings('proj index set root/nightly --keep 2 --keep-days 30')).toMatchObject({
    data: { retention: { keep: 2, days: 30 } },
  });
  expect((await settings('proj index set root/nightly --keep-all')).data).not.toHaveProperty('retention');
  expect(await settings('proj index set root/PROJ --keep 1')).toMatchObject({
    error: { code: 'PIPL_INDEX' },
  });
});
