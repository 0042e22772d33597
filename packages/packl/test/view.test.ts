import { expect, test } from 'vitest';
import { buildView, indexName, pick } from '../src/index.ts';
import { main, row } from './rows.ts';

const [stage, team, studio, npm] = ['alice/stage', 'root/team', 'root/studio', 'root/npm'].map(indexName);
const indexes = [
  { name: stage!, bases: [team!, main] },
  { name: team!, bases: [studio!] },
  { name: main, bases: [studio!, npm!] },
  { name: studio!, bases: [] },
  { name: npm!, bases: [], mirror: 'https://npm.example' },
];
const at = (index: typeof main, version: string, options = {}) =>
  row(`a@${version}`, {}, { index, ...options });
const seen = (
  rows: Parameters<typeof buildView>[0]['rows'],
  tags: Parameters<typeof buildView>[0]['tags'] = [],
) => buildView({ index: stage!, indexes, rows, tags });

test('the nearest row of a version wins: the index, then its bases depth first', () => {
  const far = [at(main, '1.0.0'), at(studio!, '1.0.0'), at(team!, '1.0.0'), at(stage!, '1.0.0')];
  expect(
    seen(far)
      .versions('a')
      .map((one) => one.index),
  ).toEqual([stage]);
  expect(
    seen(far.slice(0, 3))
      .versions('a')
      .map((one) => one.index),
  ).toEqual([team]);
  // depth first: the base of team comes before main
  expect(
    seen(far.slice(0, 2))
      .versions('a')
      .map((one) => one.index),
  ).toEqual([studio]);
});

test('versions of all bases are seen together, the highest first', () => {
  const rows = [at(main, '1.9.0'), at(stage!, '1.0.0'), at(studio!, '1.10.0')];
  expect(
    seen(rows)
      .versions('a')
      .map((one) => one.version),
  ).toEqual(['1.10.0', '1.9.0', '1.0.0']);
});

test('a child does not show through to its base', () => {
  const view = buildView({ index: main, indexes, rows: [at(stage!, '1.0.0')], tags: [] });
  expect(view.has('a')).toBe(false);
  expect([...view.names()]).toEqual([]);
});

test('mirrors contribute nothing', () => {
  expect(seen([at(npm!, '1.0.0')]).has('a')).toBe(false);
});

test('a withdrawn row hides the same version further away, and its name stays owned', () => {
  const view = seen([at(stage!, '1.0.0', { withdrawn: true }), at(main, '1.0.0')]);
  expect(view.versions('a')).toEqual([]);
  expect(view.has('a')).toBe(true);
});

test('the nearest tag wins', () => {
  const rows = [at(stage!, '1.0.0'), at(main, '1.2.0')];
  const tags = [
    { index: main, name: 'a', tag: 'latest', version: '1.2.0' },
    { index: stage!, name: 'a', tag: 'latest', version: '1.0.0' },
  ];
  expect(seen(rows, tags).tag('a', 'latest')).toBe('1.0.0');
  expect(seen(rows, tags.slice(0, 1)).tag('a', 'latest')).toBe('1.2.0');
  expect(pick(seen(rows, tags), 'a', '^1')?.version).toBe('1.0.0');
});

test('bases that meet again are seen once, also in a ring', () => {
  const ring = [
    { name: stage!, bases: [main] },
    { name: main, bases: [stage!] },
  ];
  const view = buildView({ index: stage!, indexes: ring, rows: [at(main, '1.0.0')], tags: [] });
  expect(view.versions('a')).toHaveLength(1);
});
