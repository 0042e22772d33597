/** What people do on a good day, with the real command, a real server and a real pnpm. */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Film, hashOf, lacking, makeFilm } from './film.ts';

let film: Film;
let workspace: string;
beforeAll(async () => {
  film = await makeFilm();
  workspace = join(film.project, 'workspaces', 'film');
});
afterAll(() => film[Symbol.asyncDispose]());

/** Runs what must succeed. @returns the data of its JSON document, and what it said on stderr */
async function done(args: readonly string[], options: Parameters<Film['pipl']>[1] = {}) {
  const ended = await film.pipl([...args.slice(0, 2), '--json', ...args.slice(2)], {
    cwd: workspace,
    ...options,
  });
  expect({ status: ended.status, out: ended.out }).toMatchObject({ status: 0 });
  return ended.json as unknown as { data: Record<string, never>; warnings: string[] };
}

test("a new project is whole, and its secrets are its owner's", () => {
  expect(readdirSync(film.project).toSorted()).toEqual(['.pipl', 'system', 'workspaces']);
  expect(JSON.parse(readFileSync(join(film.project, '.pipl'), 'utf8'))).toMatchObject({
    schema: 1,
    name: 'film',
    defaultIndex: 'root/PROJ',
    handlers: { 'root/PROJ': [{ kind: 'process', engines: ['local'] }] },
  });
  expect(statSync(join(film.project, 'system/owner.key')).mode & 0o777).toBe(0o600);
});

test('created, published, added in a second packl, installed: TypeScript arrives as JavaScript', async () => {
  await done(['packl', 'create', '@film/colour']);
  const colour = join(workspace, 'colour');
  film.packl('@film/colour', JSON.parse(readFileSync(join(colour, 'package.json'), 'utf8')), {
    'src/index.ts':
      "import { gamma } from './gamma.ts';\nexport const grade = (v: number): number => v ** gamma;\n",
    'src/gamma.ts': 'export const gamma: number = 2;\n',
  });
  await done(['packl', 'bump', 'release'], { cwd: colour });
  const plan = await done(['packl', 'publish', '--dry-run'], { cwd: colour });
  const published = await done(['packl', 'publish'], { cwd: colour });
  expect(published.data).toMatchObject({ published: [{ name: '@film/colour', version: '0.0.1' }] });
  expect(published.data['packls']).toEqual(plan.data['packls']); // the plan is what is sent

  await done(['packl', 'create', '@film/look']);
  const look = join(workspace, 'look');
  const added = await done(['packl', 'add', '@film/colour', 'grades', '--edit'], { cwd: look });
  expect(added.data).toMatchObject({ name: '@film/colour', range: '^0.0.1', version: '0.0.1' });
  await done(['packl', 'add', '@film/colour', 'grades the frames'], { cwd: look });
  const installed = join(look, 'node_modules/@film/colour');
  expect(realpathSync(installed)).not.toContain(workspace); // from the registry, not from the folder beside
  const ran = await film.pipl(
    [
      'work',
      'exec',
      '--',
      process.execPath,
      '-e',
      "import('@film/colour').then((c) => process.exit(c.grade(3)))",
    ],
    { cwd: look },
  );
  expect(ran).toMatchObject({ status: 9, err: '' });
});

test("a pipeline's type fills the manifest of a task", async () => {
  const pipeline = film.packl(
    '@film/pipeline',
    {
      exports: { './render': './render.js' },
      pipl: {
        kind: 'code',
        productTypes: { Frames: './render#Frames' },
        taskTypes: { Render: './render#Render' },
      },
    },
    { 'render.js': 'export const Render = 1, Frames = 2;\n' },
  );
  await done(['packl', 'publish', pipeline]);
  const made = await done([
    'packl',
    'create',
    '@film/shot',
    '--type',
    '@film/pipeline#Render',
    '--makes',
    'frames=@film/shot-frames',
  ]);
  expect(made.data).toMatchObject({ kind: 'task', type: '@film/pipeline/render#Render' });
  const manifest = JSON.parse(readFileSync(join(workspace, 'shot/package.json'), 'utf8')) as object;
  expect(manifest).toMatchObject({
    version: '0.0.1-wip.0',
    dependencies: { '@film/pipeline': '^1.0.0' },
    pipl: { kind: 'task', type: '@film/pipeline/render#Render', products: { frames: '@film/shot-frames' } },
  });
});

test('an asset goes into the store, its reference into the product, and the product is published', async () => {
  const folder = film.packl(
    '@film/bunny',
    {
      dependencies: { '@film/pipeline': '^1.0.0' },
      pipl: { kind: 'product', type: '@film/pipeline/render#Frames', assets: {} },
    },
    { 'frames/b.0001.png': 'one', 'frames/b.0002.png': 'two' },
  );
  const added = await done(['asset', 'add', 'beauty', 'frames/b.0002.png', 'frames/b.0001.png'], {
    cwd: folder,
  });
  expect(added.data).toMatchObject({
    asset: { kind: 'sequence', frames: [1, 2], size: 6, type: 'Sequence' },
  });
  await done(['packl', 'publish'], { cwd: folder });
  const text = await film.pipl(
    ['packl', 'add', '@film/bunny', 'the beauty', '--as', 'model', '--no-install'],
    {
      cwd: join(workspace, 'shot'),
    },
  );
  expect(text.out).toBe('Added @film/bunny ^1.0.0 as model (1.0.0: 2 frames, 6 bytes)\n');
  expect(existsSync(join(workspace, 'shot/assets'))).toBe(false);
  const shown = await done(['packl', 'show', '@film/bunny@^1']);
  expect(shown.data).toMatchObject({ name: '@film/bunny', pipl: { assets: { beauty: { frames: [1, 2] } } } });
});

test('third-party dependencies are locked in the tarball', async (context) => {
  const folder = film.packl('@film/schema', {
    dependencies: { semver: '7.8.5', '@film/colour': '^0.0.1' },
    pipl: { kind: 'code' },
  });
  const ended = await film.pipl(['packl', 'publish', '--json'], { cwd: folder });
  if (ended.json.error?.code === 'PIPL_INSTALL') lacking(context, 'no npm registry can be reached from here');
  // @film/colour is the project's own: pipl pins it for each run, no lock does.
  expect(ended.json.data).toMatchObject({
    packls: [{ thirdParty: 1, files: expect.arrayContaining(['pipl-lock.json']) }],
  });
});

test("the original's words still work, with a warning", async () => {
  await using old = await makeFilm();
  const at = { cwd: old.project };
  const warned = async (args: readonly string[]) => {
    const ended = await old.pipl(args, at);
    expect(ended).toMatchObject({
      status: 0,
      err: expect.stringContaining('warning: A password as an argument'),
    });
  };
  expect(await old.pipl(['proj', 'user', 'list'], at)).toMatchObject({ status: 0, out: 'root\n' });
  await warned(['proj', 'user', 'set', '', 'root', '--password', '123']);
  await warned(['proj', 'user', 'add', '123', 'bob', 'b0b', 'bob@pipl.io']);
  await warned(['proj', 'index', 'create-default', '123']);
  expect((await old.pipl(['proj', 'index', 'list-indexes'], at)).out).toContain('root/PROJ');
  expect((await old.pipl(['proj', 'user', 'list'], at)).out).toBe('bob\tbob@pipl.io\nroot\n');

  const nobody = await old.pipl(['proj', 'index', 'create', 'root/x'], at);
  expect(nobody).toMatchObject({ status: 5, err: expect.stringContaining('pipl login') });
  expect(await old.pipl(['login', 'bob', '--password-stdin'], { ...at, input: 'b0b\n' })).toMatchObject({
    status: 0,
  });
  expect(statSync(join(old.folder, 'home/.config/pipl/auth.json')).mode & 0o777).toBe(0o600);
  expect(await old.pipl(['proj', 'index', 'create', 'bob/stage', '--volatile'], at)).toMatchObject({
    status: 0,
  });
});

test('a server that was killed starts again without a word', async () => {
  const before = await done(['proj', 'status']);
  process.kill(before.data['pid']!, 'SIGKILL');
  const runFile = join(film.project, 'system/run/server.json');
  expect(existsSync(runFile)).toBe(true);
  const again = await film.pipl(['proj', 'start', '--detach'], { cwd: film.project });
  expect(again).toMatchObject({
    status: 0,
    err: expect.stringMatching(/^Next: cd .*\/workspaces\/\S+ && pipl\n$/),
  });
  const after = await done(['proj', 'status']);
  expect(after.data['pid']).not.toBe(before.data['pid']);
  expect(after.data['head']).toBe(before.data['head']);

  expect((await done(['proj', 'stop'])).data).toMatchObject({ stopped: true, forced: false });
  expect((await done(['proj', 'status'])).data).toMatchObject({ running: false });
});

test('in the foreground the server says where to look, and that root has no password yet', async () => {
  const child = film.begin(['proj', 'start'], { cwd: film.project });
  let err = '';
  await new Promise<void>((told) => {
    child.stderr.on('data', (text) => {
      err += text;
      if (err.includes('password') && err.includes('Ctrl-C')) told();
    });
  });
  child.kill('SIGINT');
  const [status] = await once(child, 'close');
  expect({ status, err }).toMatchObject({
    status: 0,
    err: expect.stringMatching(/Look at http:.*\/root\/PROJ\//),
  });
  expect(err).toContain("Root's password is empty");
});

test('pipl alone says where I am; help and version need no project', async () => {
  const { out } = await film.pipl([], { cwd: workspace });
  expect(out).toMatch(/^project +film .*\nworkspace +.*film\nnext +pipl proj start/);
  expect((await film.pipl(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect((await film.pipl(['help', 'exit-codes'])).out).toContain('11  no version satisfies');
  expect((await film.pipl(['help', 'packl', 'add'])).out).toContain('--as <slot>');
});

test('showing, listing and planning change nothing', async () => {
  const before = hashOf(film.folder);
  await done(['packl', 'show'], { cwd: join(workspace, 'colour') });
  await film.pipl([], { cwd: workspace });
  expect(hashOf(film.folder)).toBe(before);
});
