/** What holds for any registry: many small ones, with ranges of every kind, tags, deprecation, withdrawal and peers. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildView, indexName, pick, resolveTask } from '../src/index.ts';
import type { IndexShape, Manifest, Resolution, Row, TagRow } from '../src/index.ts';
import { main, row, taskRow } from './rows.ts';

const stage = indexName('alice/stage');
const indexes: IndexShape[] = [
  { name: stage, bases: [main] },
  { name: main, bases: [] },
];
const names = ['a', 'b', 'c', 'd'] as const;
const versions = ['1.0.0', '1.1.0', '1.2.0-beta.1', '1.2.0', '2.0.0', '2.1.0-beta.1'] as const;
const range = fc.constantFrom(
  '^1',
  '^1.1.0',
  '*',
  '',
  '1.1.0',
  '<2',
  '>=1.2.0-beta.0 <3',
  'next',
  'latest',
  '^2',
);
const asks = fc.dictionary(fc.constantFrom(...names), range, { maxKeys: 2 });

const anyRow: fc.Arbitrary<Row> = fc
  .record({
    name: fc.constantFrom(...names),
    version: fc.constantFrom(...versions),
    index: fc.constantFrom(stage, main, main),
    dependencies: asks,
    peerDependencies: asks,
    optionalPeers: fc.subarray([...names]),
    deprecated: fc.boolean(),
    withdrawn: fc.constantFrom(true, false, false, false),
  })
  .map(({ name, version, index, dependencies, peerDependencies, optionalPeers, deprecated, withdrawn }) =>
    row(`${name}@${version}`, dependencies, {
      index,
      withdrawn,
      ...(deprecated ? { deprecated: 'no' } : {}),
      manifest: {
        peerDependencies,
        peerDependenciesMeta: Object.fromEntries(optionalPeers.map((one) => [one, { optional: true }])),
      },
    }),
  );
const rowsOf = fc.uniqueArray(anyRow, {
  selector: ({ index, name, version }) => `${index} ${name}@${version}`,
  minLength: 4,
  maxLength: 16,
});
const tagsOf: fc.Arbitrary<TagRow[]> = fc.uniqueArray(
  fc.record({
    index: fc.constantFrom(stage, main),
    name: fc.constantFrom(...names),
    tag: fc.constantFrom('latest', 'next'),
    version: fc.constantFrom(...versions),
  }),
  { selector: ({ index, name, tag }) => `${index} ${name} ${tag}`, maxLength: 3 },
);
const registry = fc.record({
  rows: rowsOf,
  tags: tagsOf,
  task: asks.map((dependencies) => taskRow('t@1.0.0', dependencies)),
});

const resolve = (rows: readonly Row[], tags: readonly TagRow[], task: Row): Resolution =>
  resolveTask(buildView({ index: stage, indexes, rows: [...rows, task], tags }), task);
const essence = (resolution: Resolution) =>
  resolution.ok ? { hash: resolution.lock.hash, code: resolution.lock.codeLock.hash } : resolution.missing;

test('the order of rows and tags, and of keys in manifests, means nothing', () => {
  const turned = (one: Record<string, string> | undefined) =>
    Object.fromEntries(Object.entries(one ?? {}).toReversed());
  const property = fc.property(registry, fc.infiniteStream(fc.nat()), ({ rows, tags, task }, random) => {
    const order = new Map(rows.map((one) => [one, random.next().value]));
    const shuffled = rows
      .toSorted((one, other) => order.get(one)! - order.get(other)!)
      .map((one) => {
        const { dependencies, peerDependencies, ...manifest } = one.manifest;
        const other = {
          ...manifest,
          peerDependencies: turned(peerDependencies),
          dependencies: turned(dependencies),
        };
        return { ...one, manifest: other as Manifest };
      });
    expect(essence(resolve(shuffled, tags.toReversed(), task))).toEqual(essence(resolve(rows, tags, task)));
  });
  fc.assert(property, { numRuns: 1000 });
});

test('a publish that changes no edge that was asked for changes no lock', () => {
  const property = fc.property(registry, anyRow, ({ rows, tags, task }, more) => {
    const same = ({ index, name, version }: Row) =>
      index === more.index && name === more.name && version === more.version;
    fc.pre(!rows.some(same));
    const before = resolve(rows, tags, task);
    fc.pre(before.ok && !asked(rows, task).has(more.name));
    expect(essence(resolve([...rows, more], tags, task))).toEqual(essence(before));
  });
  fc.assert(property, { numRuns: 1000 });
});

/** Names that any packl with a name of the closure asks for: more than was consulted, in any round. */
function asked(rows: readonly Row[], task: Row): Set<string> {
  const found = new Set<string>();
  const waiting = [task];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    const { dependencies, peerDependencies } = one.manifest;
    for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
      if (found.has(name)) continue;
      found.add(name);
      waiting.push(...rows.filter((other) => other.name === name));
    }
  }
  return found;
}

test('a publish outside every range that is asked changes no lock', () => {
  const property = fc.property(
    registry,
    fc.constantFrom(...names),
    asks,
    ({ rows, tags, task }, name, dependencies) => {
      // 9.0.0 is above what every range of this registry but these can mean
      const open = ['*', '', 'latest'];
      const manifests = [task, ...rows].map(({ manifest }) => manifest);
      const ranges = manifests.flatMap(({ dependencies: own, peerDependencies }) => [
        own?.[name],
        peerDependencies?.[name],
      ]);
      fc.pre(
        !ranges.some((one) => one !== undefined && open.includes(one)) &&
          rows.some((one) => one.name === name),
      );
      const more = row(`${name}@9.0.0`, dependencies);
      expect(essence(resolve([...rows, more], tags, task))).toEqual(essence(resolve(rows, tags, task)));
    },
  );
  fc.assert(property, { numRuns: 1000 });
});

test('every edge of a lock is the pick of its own range, and one instance of each peer serves all', () => {
  const property = fc.property(registry, ({ rows, tags, task }) => {
    const view = buildView({ index: stage, indexes, rows: [...rows, task], tags });
    const resolution = resolveTask(view, task);
    fc.pre(resolution.ok);
    if (!resolution.ok) return;
    const edges = Object.values(resolution.lock.nodes).flatMap(({ name, version, dependencies }) => {
      const { manifest } = view.versions(name).find((one) => one.version === version)!;
      return Object.entries(dependencies).map(([child, got]) => ({ name, child, got, manifest }));
    });
    const isPeer = ({ manifest, child }: (typeof edges)[number]) =>
      manifest.peerDependencies?.[child] !== undefined;
    const peers = new Map(edges.filter(isPeer).map(({ child, got }) => [child, got]));
    // What the task itself depends on is the instance of the peer; a peer asked for in an early round may have
    // decided it and be gone, so of the task only the peers that stayed are compared.
    const compared = edges.filter((edge) => edge.name !== 't' || peers.has(edge.child));
    const expected = compared.map((edge) =>
      isPeer(edge) || edge.name === 't'
        ? peers.get(edge.child)
        : pick(view, edge.child, edge.manifest.dependencies![edge.child]!)?.version,
    );
    expect(compared.map(({ got }) => got)).toEqual(expected);
    expect(edges.filter(({ child, got }) => resolution.lock.nodes[`${child}@${got}`] === undefined)).toEqual(
      [],
    );
  });
  fc.assert(property, { numRuns: 1000 });
});
