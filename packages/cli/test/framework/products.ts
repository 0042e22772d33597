/** Product types of packls: what they promise is there when a product is published, and checks are ones that can run. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorOf, hashOf } from '../film.ts';
import type { Studio } from '../studio.ts';

export const products = (studio: () => Studio) =>
  describe('products', () => {
    /** A product in a workspace of its own, with what it stands on installed. */
    async function product(name: string, type: string) {
      const area = { cwd: join(studio().project, 'workspaces', name) };
      await studio().must(`work create ${name}`);
      await studio().must(`packl create @film/${name} --kind product --type ${type} --version 1.0.0`, area);
      await studio().must('work sync', area);
      const cwd = join(area.cwd, name);
      writeFileSync(join(cwd, 'a.txt'), 'a text');
      return { cwd };
    }

    test('a type of the same name in a packl that stands on the other overrides it: it promises more', async () => {
      const [short, long] = [
        await product('short', '@film/pipeline#Text'),
        await product('long', '@film/studio#Text'),
      ];
      for (const at of [short, long]) await studio().must('asset add note a.txt --type Note', at);
      await studio().must('packl publish', short);

      const before = hashOf(studio().project);
      const refused = await studio().pipl(['packl', 'publish'], long);
      expect([refused.status, errorOf(refused)]).toEqual([
        7,
        [
          'error: @film/long lacks the asset cover (Note, a file).',
          '  why: Its type @film/studio/types#LongText promises it: @film/studio@1.0.0 says so.',
          '  fix: Add it: pipl asset add cover PATH',
        ],
      ]);
      expect(hashOf(studio().project)).toBe(before);
      const told = await studio().pipl(['packl', 'check', '--json'], long);
      expect(told.out).toContain('lacks the asset cover');
      await studio().must('asset add cover a.txt --type Note', long);
      await studio().must('packl publish', long);
    });

    let at: { cwd: string };
    test('an asset of another kind than promised is refused', async () => {
      at = await product('parts', '@film/pipeline#Text');
      mkdirSync(join(at.cwd, '../sketches'));
      writeFileSync(join(at.cwd, '../sketches/b.txt'), 'b');
      await studio().must(`asset add note ../sketches --type Note`, at);
      const refused = await studio().pipl(['packl', 'publish', '--json'], at);
      expect(refused.json.error).toMatchObject({
        code: 'PIPL_ASSET_PROMISED',
        message: 'The asset note of @film/parts is a folder, not a file.',
      });
    });

    test('a check that cannot run is told with the packl that has it, before it is published', async () => {
      const file = join(at.cwd, 'package.json');
      const manifest = JSON.parse(readFileSync(file, 'utf8')) as { pipl: object };
      const pipl = { ...manifest.pipl, checks: { 'is long': { script: 'mesure' } } };
      writeFileSync(file, JSON.stringify({ ...manifest, scripts: { measure: 'true' }, pipl }));
      const refused = await studio().pipl(['packl', 'publish'], at);
      expect([refused.status, errorOf(refused)]).toEqual([
        7,
        [
          'error: The check "is long" of @film/parts runs the script "mesure", which is not there.',
          '  why: The "scripts" of its package.json are measure.',
          '  fix: Add "mesure" to "scripts", or give the check a command.',
        ],
      ]);
    });

    test('a type that is none is told with the packl that has it, and what mends it', async () => {
      const odd = await product('odd', '@broken/bad-promise#Odd');
      const refused = await studio().pipl(['packl', 'publish'], odd);
      expect([refused.status, errorOf(refused)]).toEqual([
        7,
        [
          'error: ./it#it of @broken/bad-promise cannot be loaded.',
          '  why: It is not something that defineProductType returned.',
          expect.stringMatching(/fix: Mend @broken\/bad-promise: .*pipl\.productTypes/),
        ],
      ]);
    });
  });
