/** Each extension point with a packl that is wrong: told by name, with what to do. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { errorOf } from '../film.ts';
import type { Studio } from '../studio.ts';

/** One task and one product in a workspace of their own that stand on a broken packl. */
async function standingOn(studio: Studio, name: string) {
  const area = { cwd: join(studio.project, 'workspaces', `on-${name}`) };
  await studio.must(`work create on-${name}`);
  studio.packlAt(join(area.cwd, 'it'), {
    name: `@on/${name}`,
    dependencies: { '@film/pipeline': '^2.0.0', [`@broken/bad-${name}`]: '^1.0.0' },
    peerDependencies: { '@pipl/pipe': '^1.0.0' },
    pipl: { kind: 'product', type: '@film/pipeline/types#Text', assets: {} },
    files: { 'note.txt': 'a note' },
  });
  return { cwd: join(area.cwd, 'it') };
}

const ask = (code: string) => ['work', 'exec', '--', process.execPath, '--input-type=module', '-e', code];
/** Says an error as a packl's code meets it. */
const telling = (expression: string) =>
  ask(
    `const { services } = await import('@pipl/pipe'); await ${expression}.catch((error) => { console.log(JSON.stringify(error)); });`,
  );

export const broken = (at: () => Studio) =>
  describe('a broken packl', () => {
    const places: Record<string, { cwd: string }> = {};
    beforeAll(async () => {
      for (const name of ['config', 'service', 'failing', 'store', 'asset', 'env', 'edit'])
        places[name] = await standingOn(at(), name);
      for (const name of ['config', 'service', 'failing', 'store', 'asset', 'env'])
        await at().must('work sync', places[name]);
    }, 180_000);

    const told = async (name: string, expression: string) =>
      JSON.parse((await at().must(telling(expression), places[name])).out) as Record<string, string>;

    test('config', async () => {
      expect(await told('config', "services.get('farm')")).toMatchObject({
        code: 'PIPL_CONFIG',
        message: 'The configuration farm does not fit the service of @film/pipeline@2.0.0.',
        why: 'limits.cpu: must be a number (@broken/bad-config@1.0.0 says it)',
        hint: expect.stringContaining('pipl config explain farm'),
      });
    });

    test('service: one that makes none, and one that fails', async () => {
      expect(await told('service', "services.get('farm')")).toMatchObject({
        code: 'PIPL_ENTRY_NOT_LOADED',
        message: './it#it of @broken/bad-service@1.0.0 makes no service.',
        hint: expect.stringContaining('defineService'),
      });
      expect(await told('failing', "services.get('farm')")).toMatchObject({
        code: 'PIPL_SERVICE',
        message: '@broken/bad-failing@1.0.0 could not make the service farm.',
        why: 'no luck',
      });
    });

    test.each([
      [
        'store',
        'asset add note note.txt',
        'The asset store of @broken/bad-store@1.0.0 has no put.',
        /Mend the service/,
      ],
      [
        'asset',
        'asset add note note.txt --type Note',
        './it#it of @broken/bad-asset@1.0.0 is no asset type.',
        /Mend pipl.assetTypes.Note/,
      ],
      [
        'env',
        'env show',
        'The envset @broken/bad-env@1.0.0 names {@film/nowhere} in OCIO, and it is not there.',
        /pipl packl add @film\/nowhere/,
      ],
      ['edit', 'work sync', '@film/never-published cannot be installed for people.', /pipl work sync --ci/],
    ])('%s', async (name, line, what, fix) => {
      const ended = await at().pipl(line.split(' '), places[name]);
      const [error, why, hint] = errorOf(ended);
      expect([error, hint]).toEqual([`error: ${what}`, expect.stringMatching(fix)]);
      expect(name === 'edit' ? why : '@broken/bad-edit@1.0.0 (^1.0.0) asks for it in groups.edit').toContain(
        '@broken/bad-edit@1.0.0 (^1.0.0) asks for it in groups.edit',
      );
    });

    test.each([
      ['type', 'Odd', './it#it of @broken/bad-type cannot be loaded.', /Mend @broken\/bad-type/],
      [
        'product',
        'Make',
        'The product type Secret is listed by no packl that @broken/bad-product depends on.',
        /Add "Secret": /,
      ],
    ])('%s type', async (name, type, says, fix) => {
      await at().must(`work create of-${name}`);
      const where = { cwd: join(at().project, 'workspaces', `of-${name}`) };
      const line = `packl create @on/${name} --type @broken/bad-${name}#${type} --json`;
      const [warning] = (await at().must(line, where)).json.warnings;
      expect(warning).toContain(says);
      expect(warning).toMatch(fix);
    });
  });
