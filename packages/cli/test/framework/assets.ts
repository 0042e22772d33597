/** Asset types and asset stores of packls. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { errorOf } from '../film.ts';
import type { Studio } from '../studio.ts';
import { finished } from './finished.ts';

export const assets = (at: () => Studio) =>
  describe('assets', () => {
    let studio: Studio;
    let letter: string;
    let copy: string;
    let root: string;
    const inLetter = () => ({ cwd: letter });
    const inCopy = () => ({ cwd: copy });

    beforeAll(async () => {
      studio = at();
      root = join(studio.folder, 'vault');
      const area = { cwd: join(studio.project, 'workspaces/letters') };
      await studio.must('work create letters');
      await studio.must('packl create @film/letter --kind product --type @film/pipeline#Text', area);
      letter = join(area.cwd, 'letter');
      configure(letter, root, {
        exports: { './product': './product.js' },
        peerDependencies: { '@pipl/pipe': '^1.0.0' },
      });
      writeFileSync(join(letter, 'product.js'), product);
      await studio.must('packl add @film/studio --no-install', inLetter());
      await studio.must('packl add @film/store', inLetter());
      const copies = { cwd: join(studio.project, 'workspaces/copies') };
      await studio.must('work create copies');
      await studio.must('packl create @film/copy --type @film/studio#Copy', copies);
      copy = join(copies.cwd, 'copy');
      await studio.must('packl add @film/store --no-install', inCopy());
      configure(copy, root);
    }, 180_000);

    test('an asset type of a packl names, lints, shows and migrates; publishing lints', async () => {
      writeFileSync(join(letter, 'draft.txt'), 'dear TODO');
      const added = await studio.must('asset add --json', inLetter());
      expect(added.json.data).toMatchObject([
        { name: 'note', asset: { basename: 'letter_v0.0.1-wip.0.txt', type: 'Note' } },
      ]);
      const shownNow = (await studio.must('packl show --json', inLetter())).json.data;
      expect(shownNow).toMatchObject({ pipl: { metadata: { by: 'hand' } } });
      const refused = await studio.pipl(['asset', 'lint'], inLetter());
      expect([refused.status, errorOf(refused)]).toEqual([
        7,
        [
          'error: The content of @film/letter.note is not right.',
          '  why: a TODO is left',
          '  fix: @film/studio@1.0.0 says so. Mend the file and add it again: pipl asset add NAME PATH; or let its type mend it: pipl asset migrate',
        ],
      ]);
      await studio.must('packl bump release', inLetter());
      expect((await studio.pipl(['packl', 'publish', '--json'], inLetter())).json.error.code).toBe(
        'PIPL_ASSET_LINT',
      );
      await studio.must('asset migrate', inLetter());
      const shown = await studio.must('asset preview note', inLetter());
      expect(readFileSync(shown.out.trim(), 'utf8')).toBe('<svg>dear done</svg>');
      await studio.must('packl publish', inLetter());
    });

    test('a store of a packl keeps what people add and what runs make, and hands it out to both', async () => {
      expect(readdirSync(join(root, '@film/letter/Note'))).toHaveLength(2);
      await studio.must('packl add @film/letter --as text', inCopy());
      expect(readFileSync(join(copy, 'assets/letter/note/note.txt'), 'utf8')).toBe('dear done');
      // Where a packl says which store it is, people get the files out of it; elsewhere they are told.
      const got = join(studio.folder, 'got');
      await studio.must(`packl get @film/letter ${got}`, inCopy());
      expect(
        readdirSync(join(got, 'note')).map((file) => readFileSync(join(got, 'note', file), 'utf8')),
      ).toEqual(['dear done']);
      const lost = await studio.pipl(['packl', 'get', '@film/letter', `${got}-not`], { cwd: studio.project });
      expect(errorOf(lost)[2]).toContain('If a packl brings the store');
      await studio.must('packl bump release', inCopy());
      await studio.must('packl publish', inCopy());
      const run = await finished(studio, '@film/copy');
      expect(run).toMatchObject({ state: 'succeeded' });
      const [made] = readdirSync(join(root, '@film/copy-memo/Note'));
      expect(readFileSync(join(root, '@film/copy-memo/Note', made!), 'utf8')).toBe('DEAR DONE');
    });
  });

const product = `
import { defineProduct } from '@pipl/pipe';
import { Text } from '@film/pipeline/types';
export const Letter = defineProduct({ type: Text, assets: { note: 'draft.txt' }, metadata: { by: 'hand' } });
`;

/** Gives the store of a packl its root, in the packl that asks. */
function configure(folder: string, root: string, more: object = {}): void {
  const file = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { pipl: { kind: string } };
  const named = manifest.pipl.kind === 'product' ? { product: './product#Letter' } : {};
  const pipl = { ...manifest.pipl, ...named, config: { asset_store: { root } } };
  writeFileSync(file, `${JSON.stringify({ ...manifest, ...more, pipl }, undefined, 2)}\n`);
}
