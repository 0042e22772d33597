import { expect, test } from 'vitest';
import { latestOf, pick, pickForAll } from '../src/index.ts';
import { row, view } from './rows.ts';

/** `1.0.0`, `1.1.0!` deprecated, `1.2.0~` withdrawn */
const rows = (versions: string) =>
  versions.split(' ').map((text) => {
    const version = text.replace(/[!~]$/, '');
    const options = { ...(text.endsWith('!') ? { deprecated: 'no' } : {}), withdrawn: text.endsWith('~') };
    return row(`a@${version}`, {}, options);
  });

/** What it says · the versions there · the range · what it gets · tags that a person set. */
type Case = [
  says: string,
  have: string,
  range: string,
  gets: string | undefined,
  tags?: Record<string, string>,
];

const cases: Case[] = [
  ['exact: that one', '1.0.0 1.1.0', '1.0.0', '1.0.0'],
  ['exact with = or v: that one', '1.0.0 1.1.0', '=1.0.0', '1.0.0'],
  ['exact: even deprecated', '1.0.0! 1.1.0', '1.0.0', '1.0.0'],
  ['exact: even when latest is another', '1.0.0 1.1.0', '1.0.0', '1.0.0', { latest: '1.1.0' }],
  ['exact: a prerelease', '1.0.0-b.1 1.0.0', '1.0.0-b.1', '1.0.0-b.1'],
  ['exact: not when withdrawn', '1.0.0~ 1.1.0', '1.0.0', undefined],
  ['exact: not when absent', '1.1.0', '1.0.0', undefined],
  ['tag: that one', '1.0.0 1.1.0', 'next', '1.0.0', { next: '1.0.0' }],
  ['tag: even deprecated', '1.0.0! 1.1.0', 'next', '1.0.0', { next: '1.0.0' }],
  ['tag: even a prerelease', '1.0.0 2.0.0-b', 'next', '2.0.0-b', { next: '2.0.0-b' }],
  ['tag: not when its version is withdrawn', '1.0.0~', 'next', undefined, { next: '1.0.0' }],
  ['tag: not before its version', '1.0.0', 'next', undefined, { next: '2.0.0' }],
  ['tag: not when nobody set it', '1.0.0', 'next', undefined],
  ['latest, not set: highest stable', '1.0.0 1.2.0 2.0.0-b', 'latest', '1.2.0'],
  ['latest, not set: not a deprecated one', '1.0.0 1.2.0!', 'latest', '1.0.0'],
  ['latest, not set: a back-port does not move it', '1.0.0 1.2.0 1.0.5', 'latest', '1.2.0'],
  ['latest, set: that one', '1.0.0 1.2.0', 'latest', '1.0.0', { latest: '1.0.0' }],
  ['latest, set to a withdrawn one: derived again', '1.0.0~ 1.2.0', 'latest', '1.2.0', { latest: '1.0.0' }],
  ['hold: a set latest that satisfies', '1.0.0 1.2.0', '^1', '1.0.0', { latest: '1.0.0' }],
  ['no hold: a derived latest does not hold a lower range', '1.0.0 1.2.0 2.0.0', '^1', '1.2.0'],
  ['no hold: latest outside the range', '1.0.0 1.2.0 2.0.0', '^1', '1.2.0', { latest: '2.0.0' }],
  ['no hold: latest deprecated', '1.0.0! 1.2.0', '^1', '1.2.0', { latest: '1.0.0' }],
  ['no hold: latest withdrawn', '1.0.0~ 1.1.0 1.2.0', '^1', '1.2.0', { latest: '1.0.0' }],
  ['highest satisfying', '1.2.0 1.10.0 1.9.0 2.0.0', '^1.2.0', '1.10.0'],
  ['highest satisfying, not deprecated', '1.2.0 1.10.0! 1.9.0', '^1.2.0', '1.9.0'],
  ['a withdrawn one is not there', '1.2.0 1.10.0~', '^1.2.0', '1.2.0'],
  ['prereleases beside their own x.y.z', '1.0.0-b.1 1.0.0-b.2 1.1.0-b', '^1.0.0-b.1', '1.0.0-b.2'],
  ['no prereleases otherwise', '1.0.0 1.1.0-b', '^1', '1.0.0'],
  ['all deprecated: the highest', '1.0.0! 1.2.0! 2.0.0', '^1', '1.2.0'],
  ['all deprecated: a set latest that satisfies', '1.0.0! 1.2.0!', '^1', '1.0.0', { latest: '1.0.0' }],
  ['all deprecated: not a latest outside', '1.0.0! 1.2.0! 2.0.0', '^1', '1.2.0', { latest: '2.0.0' }],
  ['*: highest stable', '1.0.0 2.0.0-b', '*', '1.0.0'],
  ['*: only prereleases, the highest', '1.0.0-b 2.0.0-b', '*', '2.0.0-b'],
  ['*: a lower stable replaces the prerelease', '0.9.0 1.0.0-b 2.0.0-b', '*', '0.9.0'],
  ['*: not a prerelease latest', '1.0.0 2.0.0-b', '*', '1.0.0', { latest: '2.0.0-b' }],
  ['empty: only prereleases, the highest', '1.0.0-b 2.0.0-b', '', '2.0.0-b'],
  ['empty: even a prerelease latest', '1.0.0 2.0.0-b', '', '2.0.0-b', { latest: '2.0.0-b' }],
  ['otherwise nothing: out of range', '1.0.0', '^2', undefined],
  ['otherwise nothing: only prereleases and a range', '1.0.0-b', '>=0', undefined],
  ['otherwise nothing: what is no range', '1.0.0', 'file:../a', undefined],
  ['otherwise nothing: all withdrawn', '1.0.0~', '*', undefined],
];

test.each(cases)('%s: of "%s", "%s" gets %s', (_says, have, range, gets, tags = {}) => {
  const named = Object.entries(tags).map(([tag, version]) => [`a:${tag}`, version]);
  expect(pick(view(rows(have), Object.fromEntries(named)), 'a', range)?.version).toBe(gets);
});

test('a name that nobody published has no pick', () => {
  expect(pick(view([]), 'a', '*')).toBeUndefined();
  expect(latestOf(view([]), 'a')).toBeUndefined();
});

test('several ranges: the highest that all admit', () => {
  const seen = view(rows('1.0.0 1.1.0 1.2.0 2.0.0'));
  expect(pickForAll(seen, 'a', ['^1', '<1.2.0'])?.version).toBe('1.1.0');
  expect(pickForAll(seen, 'a', ['*', '1.0.0'])?.version).toBe('1.0.0');
  expect(pickForAll(seen, 'a', ['^1', '^2'])).toBeUndefined();
  expect(pickForAll(seen, 'a', [])?.version).toBe('2.0.0');
  expect(pickForAll(view(rows('1.0.0-b')), 'a', ['*', ''])?.version).toBe('1.0.0-b');
  expect(pickForAll(view(rows('1.0.0-b')), 'a', ['*', '^1'])).toBeUndefined();
});
