/** What a gate says: whose word counts, which word, and what is still missing. */
import { expect, test } from 'vitest';
import { indexName, type Verdict } from '@pipl/packl';
import type { Gate, VerdictView } from '@pipl/registry-client';
import { film, packl, startScene } from './scene.ts';
import { evaluateGate } from '../src/indexes/gate.ts';

let seq = 0;
const said = (by: string, verdict: Verdict): VerdictView => ({
  seq: seq++,
  index: indexName('alice/stage'),
  name: 'bunny',
  version: '1.0.0',
  integrity: 'sha512-x',
  verdict,
  by,
  at: '2026-01-01T00:00:00.000Z',
});
const check = (name: string, result: 'passed' | 'failed', handler = 'qa') =>
  said('alice', { kind: 'check', check: name, result, handler });
const approval = (by: string, result: 'approved' | 'retake' = 'approved') =>
  said(by, { kind: 'approval', result });

const isOpen = (gate: Gate, ...verdicts: VerdictView[]) =>
  evaluateGate(gate, verdicts, {
    trusts: ({ verdict }) => verdict.kind === 'check' && verdict.handler === 'qa',
    approves: (user) => ['bob', 'carol', 'dave'].includes(user),
    publisher: 'dave',
  }).open;

test('an empty gate is open', () => {
  expect(isOpen({})).toBe(true);
  expect(isOpen({}, check('frames', 'failed'))).toBe(true);
});

test('every named check must have passed, the last word of each counts', () => {
  const gate = { checks: ['frames', 'names'] };
  expect(isOpen(gate, check('frames', 'passed'))).toBe(false);
  expect(isOpen(gate, check('frames', 'passed'), check('names', 'passed'))).toBe(true);
  const [passed, failed] = [check('frames', 'passed'), check('frames', 'failed')];
  expect(isOpen(gate, failed, passed, check('names', 'passed'))).toBe(false);
  expect(isOpen(gate, check('frames', 'passed', 'mallory'), check('names', 'passed'))).toBe(false);
});

test('true asks for at least one check, and that none has failed', () => {
  expect(isOpen({ checks: true })).toBe(false);
  expect(isOpen({ checks: true }, check('any', 'passed', 'mallory'))).toBe(false);
  expect(isOpen({ checks: true }, check('any', 'passed'))).toBe(true);
  expect(isOpen({ checks: true }, check('any', 'passed'), check('other', 'failed'))).toBe(false);
});

test('approvals are of different people who are asked, and not of who published', () => {
  const two = { approval: ['supervisors'], approvals: 2 };
  expect(isOpen({ approval: ['supervisors'] }, approval('bob'))).toBe(true);
  expect(isOpen({ approval: ['supervisors'] }, approval('dave'))).toBe(false);
  expect(isOpen({ approval: ['supervisors'] }, approval('mallory'))).toBe(false);
  expect(isOpen(two, approval('bob'), approval('bob'))).toBe(false);
  expect(isOpen(two, approval('bob'), approval('carol'))).toBe(true);
  expect(isOpen({ approvals: 1 }, approval('bob'))).toBe(true);
});

test('one’s own approval counts where the gate says so, and of nobody who is not asked', () => {
  expect(isOpen({ approval: ['dave'], self: true }, approval('dave'))).toBe(true);
  expect(isOpen({ approval: ['dave'], self: true }, approval('mallory'))).toBe(false);
  expect(isOpen({ approval: ['dave'], self: true }, approval('dave'), approval('bob', 'retake'))).toBe(false);
});

test('a gate that nobody but the publisher could open says how that is changed', () => {
  const missing = (approvers: readonly string[]) =>
    evaluateGate({ approval: approvers }, [], { trusts: () => true, approves: () => true, publisher: 'dave' })
      .missing;
  expect(missing(['dave'])).toEqual([
    '1 more approval(s) needed, by dave, who published it: one\'s own does not count, unless .pipl says "approval": {"by": ["dave"], "self": true}.',
  ]);
  expect(missing(['dave', 'bob'])).toEqual([
    "1 more approval(s) needed, by dave, bob; one's own does not count.",
  ]);
});

test('who wants a retake closes the gate until they approve; of nobody who is not asked', () => {
  const gate = { approval: ['supervisors'] };
  expect(isOpen(gate, approval('bob'), approval('carol', 'retake'))).toBe(false);
  expect(isOpen(gate, approval('bob'), approval('carol', 'retake'), approval('carol'))).toBe(true);
  expect(isOpen(gate, approval('bob'), approval('dave', 'retake'))).toBe(false);
  expect(isOpen(gate, approval('bob'), approval('mallory', 'retake'))).toBe(true);
});

test('a gate that names nobody asks those who may promote', async () => {
  const [stage, final] = [indexName('alice/stage'), indexName('root/final')];
  await using scene = await startScene({ gates: { [final]: { approvals: 1 } } });
  const alice = await scene.as('alice');
  const [bob, carol] = [await scene.as('bob'), await scene.as('carol')];
  await (await scene.as('root')).setIndex(final, { bases: [film], promote: ['alice', 'bob'] });
  await alice.setIndex(stage, {});
  await alice.release({ index: stage, packls: [await packl('bunny', '1.0.0')] });
  const verdict = { kind: 'approval', result: 'approved' } as const;
  const opened = [];
  for (const client of [carol, alice, bob]) {
    const { gates } = await client.judge(stage, { name: 'bunny', version: '1.0.0', verdict });
    opened.push(gates[final]?.open);
  }
  expect(opened).toEqual([false, false, true]);
});

test('a verdict on content that is there no more is refused', async () => {
  const stage = indexName('alice/stage');
  await using scene = await startScene();
  const alice = await scene.as('alice');
  await alice.setIndex(stage, { volatile: true });
  await alice.release({ index: stage, packls: [await packl('bunny', '1.0.0')] });
  const [row] = (await scene.registry.rows()).filter(({ index }) => index === stage);
  const judged = (integrity: string) =>
    scene.registry.judge(
      {
        index: stage,
        name: 'bunny',
        version: '1.0.0',
        verdict: { kind: 'approval', result: 'approved' },
        integrity,
      },
      { is: 'user', name: 'alice' },
    );
  await expect(judged('sha512-other')).rejects.toMatchObject({ code: 'PIPL_NO_VERSION' });
  expect(await judged(row!.integrity)).toMatchObject({ gates: {} });
});
