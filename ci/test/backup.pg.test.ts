/** Backups of a project on PostgreSQL, and from either database into the other. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRegistry } from '@pipl/registry';
import { connect } from '@pipl/registry-client';
import { emptyDatabase } from '../../registry/test/databases.ts';
import { initProject } from '../src/init-project.ts';
import { openProject } from '../src/open-project.ts';
import { readProject } from '../src/project-file.ts';
import { tendProject } from '../src/tend-project.ts';
import { pipeTarball } from './generated-project.ts';

let temp: string;
beforeAll(async () => {
  temp = await mkdtemp(join(tmpdir(), 'pipl-backup-'));
});
afterAll(() => rm(temp, { recursive: true, force: true }));

/** What a project says of itself, by a server that is gone afterwards. */
async function shownBy(project: string) {
  const opened = await openProject(project, await readProject(project));
  const registry = await startRegistry({ ...opened, project: 'film', host: '127.0.0.1', port: 0 });
  try {
    await registry.setUser('alice', { password: 'carrot' });
    const client = connect({ url: registry.url });
    await client.login({ user: 'alice', password: 'carrot' });
    const tarball = await client.tarball('root/PROJ' as never, '@pipl/pipe', '1.0.0');
    return {
      changes: (await registry.feed.read(0)).changes,
      rows: await registry.rows(),
      size: tarball.length,
    };
  } finally {
    await registry.close();
    await opened.close();
  }
}

test(
  'from PostgreSQL to a file, and from there to PostgreSQL: the same versions and the same feed',
  { timeout: 540_000 },
  async () => {
    const [first, second, third] = ['first', 'second', 'third'].map((name) => join(temp, name)) as [
      string,
      string,
      string,
    ];
    await mkdir(join(first, 'system'), { recursive: true });
    await writeFile(join(first, '.pipl'), '{}');
    await writeFile(
      join(first, 'system', 'server.json'),
      JSON.stringify({ port: 0, database: await emptyDatabase() }),
    );
    await initProject({ project: first, pipe: pipeTarball });
    const shown = await shownBy(first);
    expect(shown.rows).toHaveLength(1);

    const [one, two] = [join(temp, 'one'), join(temp, 'two')];
    expect(await tendProject({ do: 'backup', project: first, to: one })).toMatchObject({
      database: { kind: 'lines' },
    });
    expect(await tendProject({ do: 'restore', project: second, from: one })).toMatchObject({ ok: true });
    expect(await shownBy(second)).toEqual(shown);
    expect(await tendProject({ do: 'backup', project: second, to: two })).toMatchObject({
      database: { kind: 'sqlite' },
    });
    const database = await emptyDatabase();
    expect(await tendProject({ do: 'restore', project: third, from: two, database })).toMatchObject({
      ok: true,
    });
    expect(await shownBy(third)).toEqual(shown);
    expect(await tendProject({ do: 'fsck', project: third, readData: true })).toMatchObject({
      ok: true,
      findings: [],
    });
    await expect(
      tendProject({ do: 'restore', project: join(temp, 'no'), from: two, database }),
    ).rejects.toMatchObject({
      code: 'PIPL_DATABASE_TAKEN',
    });
  },
);
