/** Ways to go wrong, each with where it happens: the table of `error-goldens.test.ts`, and the film it needs. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Film } from './film.ts';
import { doneHere } from './here.ts';

export interface ErrorCase {
  /** words as typed; `$FILM`, `$PROJ` and `$WORK` stand for folders */
  readonly line: string;
  /** the folder: the workspace unless told */
  readonly at?: 'outside' | 'project' | 'empty' | 'down' | 'broken' | 'away' | `packl:${string}`;
  readonly status: number;
  readonly env?: Readonly<Record<string, string>>;
}

const usage: ErrorCase[] = [
  { line: 'pakcl show', status: 2 },
  { line: 'proj user lst', status: 2 },
  { line: 'packl bump patch --messge x', at: 'packl:grade', status: 2 },
  { line: 'packl add', at: 'packl:grade', status: 2 },
  { line: 'packl bump patch why more', at: 'packl:grade', status: 2 },
  { line: 'packl bump huge', at: 'packl:grade', status: 2 },
  { line: 'packl bump', at: 'packl:grade', status: 2 },
  { line: 'runs --state late', status: 2 },
  { line: 'runs --limit many', status: 2 },
  { line: 'packl list --index PROJ', status: 2 },
  { line: 'login http://bob:secret@127.0.0.1', status: 2 },
  { line: 'login root', status: 2 },
  { line: 'packl create @film/t --kind task', status: 2 },
  { line: 'packl create @film/t --type Comp', status: 2 },
  { line: 'packl create @film/t --kind sculpture', status: 2 },
  { line: 'work create -- a:b', at: 'project', status: 2 },
  { line: 'proj user set root', status: 2 },
  { line: 'proj index set root/PROJ', status: 2 },
  { line: 'proj index set root/PROJ --handler qa', status: 2 },
  { line: 'proj create $FILM/x --database mysql://localhost/x', at: 'outside', status: 2 },
  { line: 'proj create $FILM/x --database postgres://me:secret@localhost/x', at: 'outside', status: 2 },
  { line: 'proj token create x --days 0', status: 2 },
  { line: 'proj token create x --may fly', status: 2 },
  { line: 'packl publish $WORK/fresh $WORK/fresh', status: 2 },
  { line: 'packl change minor @film/grade', status: 2 },
  { line: 'packl change huge @film/grade -m x', status: 2 },
  { line: 'proj user add one two', status: 2 },
  { line: 'task create @film/t @film/pipeline#Render --param frames', status: 2 },
  { line: 'completion tcsh', status: 2 },
  { line: 'openjd check', status: 2 },
  { line: 'proj stop', at: 'away', status: 2 },
];

const notFound: ErrorCase[] = [
  { line: 'proj status', at: 'outside', status: 3 },
  { line: 'packl bump patch', status: 3 },
  { line: 'packl change minor -m x', status: 3 },
  { line: 'work exec -- ls', at: 'project', status: 3 },
  { line: 'work create x', at: 'outside', status: 3 },
  { line: 'work exec -- no-such-program', at: 'empty', status: 3 },
  { line: 'logs nothing', status: 3 },
  { line: 'packl create @film/c --type @film/pipeline#Comp', status: 3 },
  { line: 'packl create @film/c --type @film/none#Comp', status: 3 },
  { line: 'packl list --index root/none', status: 3 },
  { line: 'packl publish $WORK/fresh --to root/none', status: 3 },
  { line: 'proj user set nobody --email x@y', status: 3 },
  { line: 'proj gate remove root/PROJ', status: 3 },
  { line: 'proj gate set root/nowhere --checks', status: 3 },
  { line: 'proj gate set root/PROJ --approval nobody', status: 3 },
  { line: 'proj group remove none', status: 3 },
  { line: 'proj token revoke nothing', status: 3 },
  { line: 'proj webhook remove nothing', status: 3 },
  { line: 'proj index create root/x --base root/none', status: 3 },
  { line: 'packl version', at: 'empty', status: 3 },
  { line: 'packl change minor @film/none -m x', at: 'empty', status: 3 },
  { line: 'packl publish', at: 'empty', status: 3 },
  { line: 'work update no-such-dependency', at: 'empty', status: 3 },
  { line: 'work remove none', at: 'project', status: 3 },
  { line: 'asset add beauty nothing.png', at: 'packl:still', status: 3 },
  { line: 'packl publish $WORK/nowhere', status: 3 },
  { line: 'schema packl pubish', status: 3 },
  { line: 'proj create $FILM/missing/x', at: 'outside', status: 3 },
  { line: 'promote @film/none@1.0.0 --to root/stage', status: 3 },
  { line: 'approve @film/none@1.0.0', status: 3 },
  { line: 'packl withdraw @film/none@1.0.0', status: 3 },
  { line: 'open', status: 3, env: { BROWSER: '/nothing' } },
  { line: 'work sync', at: 'empty', status: 3, env: { PIPL_PNPM: '/nothing' } },
  { line: 'openjd check missing.yaml', status: 3 },
];

const conflict: ErrorCase[] = [
  { line: 'packl publish $WORK/grade', status: 4 },
  { line: 'proj create $PROJ/inner', at: 'outside', status: 4 },
  { line: 'proj create $FILM/full', at: 'outside', status: 4 },
  { line: 'work create film', at: 'project', status: 4 },
  { line: 'work create-area $PROJ/workspaces', at: 'project', status: 4 },
  { line: 'packl create @film/fresh', status: 4 },
  { line: 'packl create @film/grade', at: 'empty', status: 4 },
  { line: 'proj user add  root x x@y', status: 4 },
  { line: 'proj index create root/PROJ', status: 4 },
  { line: 'proj index remove root/npm', status: 4 },
  { line: 'packl add @film/grade --as model', at: 'packl:task', status: 4 },
  { line: 'packl publish $WORK/stale', status: 4 },
  { line: 'work remove busy', at: 'project', status: 4 },
  { line: 'packl get @film/grade $FILM/full', status: 4 },
  { line: 'packl edit @film/grade', status: 4 },
  { line: 'task create @film/task @film/pipeline#Render', status: 4 },
  { line: 'proj start', at: 'project', status: 4 },
];

const refused: ErrorCase[] = [
  { line: 'proj index create root/x', status: 5, env: { PIPL_TOKEN: 'pipl_no.such' } },
  { line: 'proj user add wrong ann a ann@x', status: 5 },
  { line: 'logout', status: 5 },
  { line: 'proj user remove root', status: 6 },
];

const invalid: ErrorCase[] = [
  { line: 'packl publish $WORK/wip', status: 7 },
  { line: 'packl publish $WORK/entry', status: 7 },
  { line: 'packl publish $WORK/link', status: 7 },
  { line: 'packl publish $WORK/kind', status: 7 },
  { line: 'packl publish $WORK/plain', status: 7 },
  { line: 'packl publish $WORK/template', status: 7 },
  { line: 'packl publish $WORK/files', status: 7 },
  { line: 'packl publish $WORK/untyped', status: 7 },
  { line: 'packl publish $WORK/unread', status: 7 },
  { line: 'packl publish $WORK/lost', status: 7 },
  { line: 'packl publish $WORK/odd', status: 7 },
  { line: 'packl publish $WORK/typescript', status: 7 },
  { line: 'packl show', at: 'packl:torn', status: 7 },
  { line: 'proj status', at: 'broken', status: 7 },
  { line: 'packl create Film', status: 7 },
  { line: 'packl create @film/v --version one', status: 7 },
  { line: 'packl bump release', at: 'packl:grade', status: 7 },
  { line: 'proj gate set root/PROJ --self', status: 7 },
  { line: 'proj gate set root/PROJ --approvals 0', status: 7 },
  { line: 'packl add @film/grade --as model', at: 'packl:fresh', status: 7 },
  { line: 'asset add beauty package.json', at: 'packl:fresh', status: 7 },
  { line: 'packl log', at: 'packl:chronicle', status: 7 },
  { line: 'packl log --verify', at: 'packl:fresh', status: 7 },
  { line: 'packl version', status: 7 },
  { line: 'task create @film/pipeline @film/pipeline#Render', status: 7 },
  { line: 'proj index set root/PROJ --keep 1', status: 7 },
];

const beyond: ErrorCase[] = [
  { line: 'proj user list', at: 'down', status: 8 },
  { line: 'packl publish x', at: 'down', status: 8 },
  { line: 'work create-area x http://127.0.0.1:1', at: 'project', status: 8 },
  { line: 'packl add @film/grade@^7.0.0', at: 'packl:fresh', status: 11 },
  { line: 'packl show @film/grade@^7.0.0', status: 11 },
  { line: 'packl publish $WORK/ahead', status: 11 },
];

export const errorCases: readonly ErrorCase[] = [
  ...usage,
  ...notFound,
  ...conflict,
  ...refused,
  ...invalid,
  ...beyond,
];

export function folderOf(film: Film, at: ErrorCase['at']): string {
  const areas = join(film.project, 'workspaces');
  if (at === undefined) return join(areas, 'film');
  if (at.startsWith('packl:')) return join(areas, 'film', at.slice('packl:'.length));
  const places = { outside: film.folder, project: film.project, empty: join(areas, 'empty') };
  return at in places ? places[at as keyof typeof places] : join(film.folder, at);
}

const task = (pipl: object, dependencies: object = { '@film/pipeline': '^1.0.0' }) => ({
  dependencies,
  pipl: { kind: 'task', type: '@film/pipeline/render#Render', inputs: {}, products: {}, ...pipl },
});

/** Everything that the cases need to go wrong in. */
export async function prepare(film: Film): Promise<void> {
  const work = folderOf(film, undefined);
  const code = { pipl: { kind: 'code' } };
  for (const name of ['empty', 'busy']) await doneHere(['work', 'create', name], { cwd: film.project });
  await doneHere('packl create @film/sketch', { cwd: join(film.project, 'workspaces', 'busy') });
  mkdirSync(join(film.folder, 'full', 'of'), { recursive: true });
  const declares = { productTypes: { Model: './render#Model' }, taskTypes: { Render: './render#Render' } };
  film.packl(
    '@film/pipeline',
    { exports: { './render': './render.js' }, pipl: { kind: 'code', ...declares } },
    { 'render.js': 'export const Render = 1, Model = 2;\n' },
  );
  for (const name of ['pipeline', 'grade']) {
    if (name === 'grade') film.packl('@film/grade', code);
    await doneHere(['packl', 'publish', join(work, name)], { cwd: work });
  }
  film.packl('@film/stale', code);
  await doneHere('packl publish stale', { cwd: work });
  const other = join(film.folder, 'other');
  mkdirSync(other);
  writeFileSync(
    join(other, 'package.json'),
    JSON.stringify({ name: '@film/stale', version: '1.0.2', type: 'module', ...code }),
  );
  writeFileSync(join(other, 'new.js'), 'export {};\n');
  await doneHere(['packl', 'publish', other], { cwd: work });
  rmSync(other, { recursive: true });
  film.packl('@film/stale', { ...code, version: '1.0.1' });
  film.packl('@film/fresh', code);
  film.packl(
    '@film/task',
    task({ inputs: { model: '@film/hare' } }, { '@film/pipeline': '^1.0.0', '@film/hare': '*' }),
  );
  film.packl('@film/still', { pipl: { kind: 'product', type: '@film/pipeline/render#Model', assets: {} } });
  writeBad(film, work);
  film.packl('@film/chronicle', code, { '.pipl-history.jsonl': 'what I did\n' });
  const elsewhere = {
    'down/.pipl': '# this is the root of the pipl project\n',
    'broken/.pipl': '{"schema": 2}',
  };
  for (const [name, text] of Object.entries(elsewhere)) {
    mkdirSync(join(film.folder, name.split('/')[0]!));
    writeFileSync(join(film.folder, name), text);
  }
  const { url }: { url: string } = await doneHere('proj status', { cwd: film.project });
  await doneHere(['work', 'create-area', join(film.folder, 'away'), url], { cwd: film.project });
  await doneHere('proj index create root/stage', { cwd: film.project });
  mkdirSync(join(work, '.changeset'));
  writeFileSync(join(work, '.changeset/bad.md'), 'no front matter\n');
}

function writeBad(film: Film, work: string): void {
  const code = { pipl: { kind: 'code' } };
  film.packl('@film/wip', { ...code, version: '0.0.1-wip.0' });
  film.packl('@film/entry', { exports: {}, pipl: { kind: 'code', taskTypes: { A: './a#A' } } });
  film.packl('@film/link', { ...code, dependencies: { other: 'workspace:*' } });
  film.packl('@film/kind', { pipl: { kind: 'sculpture' } });
  film.packl('@film/plain', {});
  film.packl('@film/template', code, {
    'a.job.yaml': 'specificationVersion: jobtemplate-2023-09\nname: a\nsteps: []\n',
  });
  film.packl('@film/files', { ...code, files: ['nothing'] });
  film.packl('@film/untyped', task({}, {}));
  film.packl('@film/unread', task({ inputs: { model: '@film/hare' } }));
  const digest = `sha256:${'0'.repeat(64)}`;
  const scene = { type: 'File', kind: 'file', digest, size: 1, basename: 'a.glb' };
  film.packl('@film/lost', {
    dependencies: { '@film/pipeline': '^1.0.0' },
    pipl: { kind: 'product', type: '@film/pipeline/render#Model', assets: { scene } },
  });
  film.packl('@film/odd', { ...code, version: '1.0' });
  film.packl('@film/typescript', code, { 'src/index.ts': 'export enum A { B }\n' });
  film.packl('@film/ahead', task({}, { '@film/pipeline': '^9.0.0' }));
  mkdirSync(join(work, 'torn'));
  writeFileSync(join(work, 'torn/package.json'), '{"name": ');
}
