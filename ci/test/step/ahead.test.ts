/** A plan is what then happens: the same runs, in the same order, with the same locks and versions. */
import { expect, test } from 'vitest';
import type { Row } from '@pipl/packl';
import type { Plan } from '@pipl/registry-client';
import { productManifest } from '../../src/step/explorer/world.ts';
import { planAhead, type AheadAsk } from '../../src/step/index.ts';
import { diamond, studio } from './studio.ts';
import type { Studio } from './studio.ts';

/** As the registry of these tests will have it. */
const row = (it: Studio, name: string, version: string): Row => {
  const index = it.world.handlers[0]!;
  const manifest = productManifest(name, version, version);
  const integrity = `sha512-${index}-${name}-${version}-${JSON.stringify(manifest.pipl)}`;
  return { index, name, version, integrity, manifest };
};

const plan = (it: Studio, name: string, version: string, more: Partial<AheadAsk> = {}): Plan =>
  planAhead(it.world.state, {
    index: it.world.handlers[0]!,
    arrivals: [{ op: 'publish', row: row(it, name, version) }],
    at: new Date(Date.UTC(2026, 0, 2)).toISOString(),
    concurrency: 2,
    engineOf: () => 'local',
    ...more,
  });

const told = ({ runs }: Plan) =>
  runs.map(({ task, products }) => `${task} → ${products.map((one) => `${one.name} ${one.version}`)}`);

test('what is planned then runs: order, what it reads, versions, locks', () => {
  const it = diamond();
  const before = it.runs().length;
  const planned = plan(it, 'src', '1.1.0');
  it.product('src', '1.1.0');
  it.makes('left', 'left 2');
  it.makes('right', 'right 2');
  it.makes('tip', 'tip 2');
  const ran = it.runs().slice(before);
  expect(told(planned)).toEqual(['left → l 1.1.0', 'right → r 1.1.0', 'tip → movie 1.1.0']);
  expect(
    planned.runs.map(({ task, reads, products, attempt, lock }) => ({
      task,
      reads,
      products,
      attempt,
      lock,
    })),
  ).toEqual(
    ran.map(({ task, lock, products, attempt }) => ({
      task,
      reads: lock.direct,
      products: products.map(({ name, version }) => ({ name, version, before: '1.0.0' })),
      // What reads a product that is yet to be made has no content, so no lock, before.
      ...(task === 'tip' ? { attempt: undefined, lock: undefined } : { attempt, lock: lock.hash }),
    })),
  );
  expect(planned.runs[2]?.because).toEqual([
    { name: 'l', from: '1.0.0', to: '1.1.0', range: '^1.0.0' },
    { name: 'r', from: '1.0.0', to: '1.1.0', range: '^1.0.0' },
  ]);
});

test('a plan changes nothing', () => {
  const it = diamond();
  const before = JSON.stringify([...it.world.state.records.runs, ...it.world.state.records.tasks]);
  plan(it, 'src', '1.1.0');
  expect(JSON.stringify([...it.world.state.records.runs, ...it.world.state.records.tasks])).toBe(before);
});

test('what wakes nobody plans nothing', () => {
  expect(plan(diamond(), 'src', '2.0.0')).toMatchObject({ runs: [], stays: [], seconds: 0 });
});

test('with an arm that makes the same, or fails, the tip runs for the other, or says why not', () => {
  const same = plan(diamond(), 'src', '1.1.0', { unchanged: ['left', 'right'] });
  expect(told(same)).toEqual(['left → l 1.1.0', 'right → r 1.1.0']);
  const failing = plan(diamond(), 'src', '1.1.0', { fails: ['left'] });
  expect(told(failing)).toEqual(['left → l 1.1.0', 'right → r 1.1.0']);
  expect(failing.stays).toEqual([
    { task: 'tip', line: expect.stringContaining('tip did not run: left failed (ticket') },
  ]);
});

test('times are those of past runs; two at once take as long as the longer one', () => {
  const it = studio();
  it.product('src', '1.0.0');
  it.define('left', { reads: { src: '^1.0.0' }, makes: ['l'] });
  it.makes('left', '1');
  it.define('right', { reads: { src: '^1.0.0' }, makes: ['r'] });
  const [run] = it.runs();
  const took = (Date.parse(run!.endedAt!) - Date.parse(run!.submittedAt)) / 1000;
  it.makes('right', '1');
  const both = plan(it, 'src', '1.1.0');
  expect(both.runs.map(({ seconds }) => seconds)).toEqual([took, expect.any(Number)]);
  const [one, other] = both.runs.map(({ seconds = 0 }) => seconds);
  expect(both.seconds).toBe(Math.max(one!, other!));
  const single = plan(it, 'src', '1.1.0', { concurrency: 1 });
  expect(single.seconds).toBe(one! + other!);
  expect(single.runs[1]!.starts).toBe(one);
});

test('a task without a run says that it is its first', () => {
  const it = studio();
  it.define('arm', { reads: { src: '^1.0.0' }, makes: ['a'] });
  const first = plan(it, 'src', '1.0.0');
  expect(first).toMatchObject({ firstRuns: 1, seconds: 0 });
  expect(first.runs[0]).not.toHaveProperty('seconds');
  expect(first.runs[0]?.products).toEqual([{ name: 'a', version: '1.0.0' }]);
});

test('a task that runs again brings what is below it', () => {
  const it = diamond();
  const again = plan(it, 'src', '1.0.0', { arrivals: [], again: ['left'] });
  expect(told(again)).toEqual(['left → l 1.0.1', 'tip → movie 1.0.1']);
});

test('a wave that is under way is played on', () => {
  const it = diamond();
  it.product('src', '1.1.0');
  const going = plan(it, 'src', '1.1.0', { arrivals: [] });
  expect(going.underWay).toBe(2);
  expect(told(going)).toEqual(['tip → movie 1.1.0']);
});
