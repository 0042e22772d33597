/** The framework through a real registry and a real workspace: what packls add, override and compose. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assets } from './framework/assets.ts';
import { broken } from './framework/broken.ts';
import { finished } from './framework/finished.ts';
import { people } from './framework/people.ts';
import { products } from './framework/products.ts';
import { makeStudio, type Studio } from './studio.ts';

let studio: Studio;
let shot: string;
const inShot = () => ({ cwd: shot });

beforeAll(async () => {
  studio = await makeStudio();
  await studio.must('work create shot');
  const area = { cwd: join(studio.project, 'workspaces/shot') };
  await studio.must('packl create @film/shot --type @film/pipeline#Write', area);
  shot = join(area.cwd, 'shot');
  await studio.must('packl add @film/studio --no-install', inShot());
  await studio.must('packl add @film/env-blender', inShot());
}, 540_000);
afterAll(() => studio[Symbol.asyncDispose]());

const json = async <T>(line: string): Promise<T> =>
  (await studio.must(`${line} --json`, inShot())).json.data as T;

test('dependents override dependencies, value by value, and every value says where it comes from', async () => {
  expect(await json('config get farm')).toEqual({ host: 'render.studio', limits: { cpu: 1, memory: 64 } });
  expect((await studio.must('config explain farm.limits', inShot())).out).toBe(
    `farm.limits.cpu = 1  from @film/pipeline@2.0.0
farm.limits.memory = 64  from @film/studio@1.0.0
  hides 2 of @film/pipeline@2.0.0
`,
  );
  expect(await json('config get made.at')).toEqual({ depth: 1 });
});

test('listing runs no code of a packl', async () => {
  const TRAP = join(studio.folder, 'trap');
  const listed = await studio.must('config list', { ...inShot(), env: { TRAP } });
  expect(listed.out).toContain('trapped  @film/trap@1.0.0 (code)');
  await studio.must('env show', { ...inShot(), env: { TRAP } });
  await studio.must('config get farm', { ...inShot(), env: { TRAP } });
  expect(existsSync(TRAP)).toBe(false);
  await studio.must('config get trapped', { ...inShot(), env: { TRAP } });
  expect(existsSync(TRAP)).toBe(true);
});

test('a service overrides that of a dependency, stands on it, and ends with its process', async () => {
  const script = `
    const { services } = await import('@pipl/pipe');
    const notes = await services.get('notes');
    console.log(JSON.stringify([notes.farm, notes.by, services.list().find(({ name }) => name === 'farm')]));
    await services.dispose();
  `;
  const DISPOSED = join(studio.folder, 'disposed');
  const args = ['work', 'exec', '--', process.execPath, '--input-type=module', '-e', script];
  const { out } = await studio.must(args, { ...inShot(), env: { DISPOSED } });
  expect(JSON.parse(out)).toEqual([
    'farm of the studio over the farm of the pipeline',
    '@film/pipeline',
    { name: 'farm', packl: '@film/studio@1.0.0', hides: ['@film/pipeline@2.0.0'] },
  ]);
  expect(readFileSync(DISPOSED, 'utf8')).toBe('notes ');
});

interface Shown {
  readonly variables: Record<string, string>;
  readonly unset: string[];
}

test('envsets are composed in dependency order, and say who did what', async () => {
  const { variables, unset } = await json<Shown>('env show --portable');
  expect(variables).toEqual({
    LICENSE: 'studio',
    OCIO: '{@film/color@1.0.0}/config.ocio',
    SCRIPTS: '{@film/env-blender@5.2.0}/scripts:{@film/env-base@1.0.0}/scripts',
    PATH: '{@film/env-base@1.0.0}/bin:{inherited}',
    DEVICE: 'OPTIX',
  });
  expect(unset).toEqual(['LEGACY']);
  const explained = await studio.must('env explain DEVICE', inShot());
  expect(explained.out).toBe(
    'DEVICE=OPTIX\n  @film/env-blender@5.2.0 sets OPTIX, because @film/studio@^1.0.0 is there\n',
  );
});

test('a program of an envset runs inside what the envset enters and leaves', async () => {
  const ended = await studio.must(['work', 'exec', '--', 'blender'], {
    ...inShot(),
    env: { LEGACY: 'of the person', SCRIPTS: '/of/the/person' },
  });
  expect(ended.out).toBe('blender studio studio\n');
  expect(ended.err).toContain('took a license\n');
  expect(ended.err).toContain('gave the license of studio back\n');
});

test('a run has the same environment, services and configuration, and records it', async () => {
  const { variables } = await json<Shown>('env show');
  await studio.must('packl bump release', inShot());
  await studio.must('packl publish', inShot());
  const run = await finished(studio, '@film/shot');
  expect(run.provenance.environment).toEqual({
    variables: (await json<Shown>('env show --portable')).variables,
    unset: ['LEGACY'],
    envsets: ['@film/env-base@1.0.0', '@film/env-blender@5.2.0'],
  });
  const made = join(studio.project, 'system/assets/sha256');
  const notes = readdirSync(made, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.length > 10)
    .map((name) => readFileSync(join(made, name), 'utf8'));
  const { PATH: _, ...shown } = variables;
  expect(notes.map((note) => JSON.parse(note))).toEqual([
    {
      variables: { ...shown, ENTERED: 'studio' },
      farm: { host: 'render.studio', limits: { cpu: 1, memory: 64 } },
      notes: 'farm of the studio over the farm of the pipeline',
    },
  ]);
});

assets(() => studio);
people(() => studio);
products(() => studio);
broken(() => studio);
