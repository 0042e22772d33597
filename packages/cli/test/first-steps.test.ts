/** What a newcomer is told: every command that a message, the README, a guide or a topic names is there. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { entryNamed, isGroup, tree } from '../src/commands.ts';
import { gateLine, gateTrouble } from '../src/gate-lines.ts';
import { helpGroupOf } from '../src/help-groups.ts';
import { packlLines } from '../src/packl-lines.ts';
import { counted } from '../src/plural.ts';
import { topics } from '../src/topics.ts';
import { indexName } from '@pipl/packl';

const root = join(import.meta.dirname, '../../..');

/** What a line has one type: after a prompt, a colon, a quote or another command. */
const typed = (text: string): string[] =>
  [...text.matchAll(/(?:[`'"$]|: |&& |\$.* )pipl((?: [a-z][a-z-]*)+)/g)].map(([, words = '']) =>
    words.trim(),
  );

/** The words that name no command; undefined: all is well. What follows a command is its arguments. */
function unknownIn(words: string): string | undefined {
  const [first = '', second] = words.split(' ');
  const found = entryNamed(tree, first);
  if (found === undefined) return first;
  if (!isGroup(found[1]) || second === undefined) return undefined;
  return entryNamed(found[1], second) === undefined ? `${first} ${second}` : undefined;
}

test('messages, guides and the README name commands that are there', () => {
  const sources = globSync(['packages/*/src/**/*.ts', '{registry,ci}/src/**/*.ts'], { cwd: root });
  const texts = globSync(['README.md', 'docs/*.md', 'docs/guides/*.md', 'packages/*/README.md'], {
    cwd: root,
  });
  const wrong = [
    ...sources.flatMap((file) =>
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        // Only what people are to do: the rest of a line may be prose about pipl.
        .flatMap((line) => /(?:hint: |hint\(|fix: |note\(|\\`).*$/.exec(line) ?? [])
        .map((line) => [file, line] as const),
    ),
    ...texts.flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/^\$ .*$|`pipl [^`]*`/gm)].map(
        ([line]) => [file, line] as const,
      ),
    ),
  ].flatMap(([file, line]) =>
    typed(line).flatMap((words) => {
      const unknown = words.startsWith('help') ? undefined : unknownIn(words);
      return unknown === undefined ? [] : [`${file}: pipl ${unknown}`];
    }),
  );
  expect([...new Set(wrong)]).toEqual([]);
});

test('topics name commands that are there, and every command of the tree stands under a heading', () => {
  const named = Object.values(topics).flatMap((topic) => topic().lines.flatMap((line) => typed(`$ ${line}`)));
  expect(named.length).toBeGreaterThan(20);
  expect(
    named.filter((words) => !words.startsWith('help')).flatMap((words) => unknownIn(words) ?? []),
  ).toEqual([]);
  const others = Object.keys(tree.commands).filter(
    (name) => helpGroupOf(name) === 'For programs and shells:',
  );
  expect(others.toSorted()).toEqual(['completion', 'openjd', 'schema']);
});

test('one is one, and more are more', () => {
  expect([counted(1, 'run'), counted(0, 'run'), counted(2, 'index', 'indexes')]).toEqual([
    '1 run',
    '0 runs',
    '2 indexes',
  ]);
});

test('a packl is shown with what it holds, asks for and makes, and its newest versions first', () => {
  const index = indexName('root/PROJ');
  const product = {
    name: '@film/bunny',
    version: '1.1.0',
    dependencies: { '@film/pipeline': '^1.0.0' },
    pipl: {
      kind: 'product' as const,
      type: '@film/pipeline/products#Model',
      assets: {
        scene: {
          type: 'GltfScene',
          kind: 'file' as const,
          digest: `sha256:${'0'.repeat(64)}`,
          size: 111_348,
          basename: 'bunny_v1.1.0.glb',
        },
      },
    },
  };
  const row = { index, name: product.name, integrity: 'sha512-x', manifest: product };
  const rows = [
    { ...row, version: '1.0.0', withdrawn: true },
    { ...row, version: '1.1.0' },
  ];
  expect(packlLines(product, rows)).toEqual([
    '@film/bunny@1.1.0  product of @film/pipeline/products#Model',
    '  assets     scene: bunny_v1.1.0.glb, GltfScene, file, 111 kB',
    '  asks for   @film/pipeline ^1.0.0',
    '  versions   1.1.0 in root/PROJ',
    '             1.0.0 in root/PROJ (withdrawn)',
  ]);
  const task = {
    name: '@film/render',
    version: '1.0.0',
    pipl: {
      kind: 'task' as const,
      type: '@film/pipeline/render#Render',
      inputs: { models: ['@film/bunny', '@film/floor'] },
      products: { frames: '@film/frames' },
      parameters: {},
    },
  };
  expect(packlLines(task)).toEqual([
    '@film/render@1.0.0  task of @film/pipeline/render#Render',
    '  inputs     models: @film/bunny, @film/floor',
    '  makes      frames: @film/frames',
  ]);
});

test('a gate says all it asks for, and what keeps it from working', () => {
  const index = indexName('root/PROJ');
  const gate = { checks: ['frames'], approval: [':leads'], approvals: 2 };
  expect(gateLine({ index, gate, handlers: [], waiting: 3 })).toBe(
    'root/PROJ\tchecks: frames; approvals: 2 by :leads\t\t3 waiting',
  );
  expect(gateLine({ index, gate: {}, handlers: [], waiting: 0 })).toBe(
    'root/PROJ\tpromotion, and nothing else',
  );
  expect(gateTrouble({ index, gate, handlers: [], waiting: 0 })).toContain('no handler reports checks');
  const handlers = [{ handler: 'qa', from: indexName('root/stage') }];
  expect(gateTrouble({ index, gate, handlers, waiting: 0 })).toBeUndefined();
  expect(gateTrouble({ index, gate, written: null, handlers, waiting: 0 })).toContain('(no gate)');
});
