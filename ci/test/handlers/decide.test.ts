/** What handlers decide, case by case: pure, without a server. */
import { expect, test } from 'vitest';
import type { QaReport, RunState } from '@pipl/packl';
import type { Plan } from '../../src/handlers/types.ts';
import { at, change, failed, passed, planOf, proj, qa, report, scene, tell, words } from './scene.ts';

test('checks passed are told, the whole first; promotion follows once both are seen in the feed', () => {
  const { publish, ended, told, take, stands } = scene(qa);
  expect(words(publish(11, [planOf(qa, 'k')]))).toEqual(['submit k.1']);
  expect(words(ended('k.1', 'succeeded', report(passed('installs'), passed('frames'))))).toEqual([
    'revoke k.1',
    'judge qa passed',
    'judge qa/frames passed',
  ]);
  expect(words(told(12, 'qa', 'k.1'))).toEqual([]);
  expect(words(told(13, 'qa/frames', 'k.1'))).toEqual(['promote root/PROJ']);
  take({ is: 'promoted', id: '11.qa', seq: 14, at });
  expect(stands('11.qa')).toEqual({ is: 'promoted', seq: 14 });
});

test('a check that failed is told and nothing is promoted', () => {
  const { publish, ended, told, stands } = scene(qa);
  publish(11, [planOf(qa, 'k', 'd')]);
  expect(words(ended('k.1', 'succeeded', report(passed('installs'))))).toEqual(['revoke k.1']);
  expect(words(ended('d.1', 'failed', report(failed('runs', '@film/shot@2.0.0'))))).toEqual([
    'revoke d.1',
    'judge qa failed',
  ]);
  expect(words(told(12, 'qa', 'k.1', 'failed'))).toEqual([]);
  expect(stands('11.qa')).toMatchObject({
    is: 'failed',
    reason: '1 of 2 check(s) failed: runs of @film/shot@2.0.0 (no)',
  });
});

test('a run that failed without a report has failed its check "runs"', () => {
  const { publish, ended } = scene(qa);
  publish(11, [planOf(qa, 'k')]);
  const [, judge] = ended('k.1', 'failed');
  expect(judge).toMatchObject({
    verdict: { check: 'qa', result: 'failed', message: expect.stringContaining('it broke') },
  });
});

test('a run that ended well and left no report has passed nothing', () => {
  const { publish, ended, stands } = scene(qa);
  publish(11, [planOf(qa, 'k')]);
  const [revoke, judge] = ended('k.1', 'succeeded');
  expect(words([revoke!])).toEqual(['revoke k.1']);
  expect(judge).toMatchObject({
    verdict: { check: 'qa', result: 'failed', message: expect.stringContaining('its report is not there') },
  });
  expect(stands('11.qa')).toMatchObject({ is: 'judging', passed: false });
});

test('what had nothing to run is planned anew when somebody has it tried again', () => {
  const { publish, ended, told, take, stands } = scene(qa);
  publish(11, [{ ...planOf(qa), problem: '@film/grade ^1.0.0 is not there' }]);
  told(12, 'qa', undefined, 'failed');
  const retry = (plan?: Plan) => words(take({ is: 'retry', id: '11.qa', ...(plan && { plan }), at }));
  expect(stands('11.qa')).toMatchObject({ is: 'failed', reason: expect.stringContaining('@film/grade') });
  expect(retry(), 'never a promotion: nothing was checked').toEqual([]);
  expect(retry({ ...planOf(qa), problem: 'still not there' })).toEqual(['judge qa failed']);
  told(13, 'qa', undefined, 'failed');
  expect(retry(planOf(qa, 'k'))).toEqual(['submit k.1']);
  expect(words(ended('k.1', 'succeeded', report(passed('installs'))))).toEqual([
    'revoke k.1',
    'judge qa passed',
  ]);
});

test('a closed gate holds; every verdict on the same content asks again, and other content does not', () => {
  const { publish, ended, told, take, stands } = scene(qa);
  publish(11, [planOf(qa, 'k')]);
  ended('k.1', 'succeeded', report());
  told(12, 'qa', 'k.1');
  take({ is: 'gate-closed', id: '11.qa', missing: ['1 more approval'], at });
  expect(stands('11.qa')).toEqual({ is: 'held', missing: ['1 more approval'] });
  const approval = (seq: number, integrity: string) =>
    take({
      is: 'change',
      change: change(seq, { op: 'verdict', integrity, verdict: { kind: 'approval', result: 'approved' } }),
      plans: [],
      at,
    });
  expect(words(approval(13, 'sha512-other'))).toEqual([]);
  expect(words(approval(14, 'sha512-one'))).toEqual(['promote root/PROJ']);
});

test('who may not promote is asked again when an index changes', () => {
  const { publish, ended, told, take, stands } = scene(qa);
  publish(11, [planOf(qa, 'k')]);
  ended('k.1', 'succeeded', report());
  told(12, 'qa', 'k.1');
  take({ is: 'not-promoted', id: '11.qa', code: 'PIPL_DENIED', reason: 'no grant', at });
  expect(stands('11.qa')).toMatchObject({ is: 'refused' });
  const granted = change(13, { op: 'index', name: '', version: '', index: proj });
  expect(words(take({ is: 'change', change: granted, plans: [], at }))).toEqual(['promote root/PROJ']);
});

test('a newer version takes the place of what has not started, not of what runs', () => {
  const { publish, take, stands } = scene(qa);
  publish(11, [planOf(qa, 'one')]);
  expect(words(publish(12, [planOf(qa, 'two')], { version: '1.0.1' }))).toEqual([
    'cancel one.1',
    'revoke one.1',
    'submit two.1',
  ]);
  expect(stands('11.qa')).toEqual({ is: 'superseded', by: '1.0.1' });
  take({ is: 'run-started', attempt: 'two.1', at });
  expect(words(publish(13, [planOf(qa, 'three')], { version: '1.0.2' }))).toEqual(['submit three.1']);
  // A back-port is not newer.
  expect(words(publish(14, [planOf(qa, 'old')], { version: '0.9.0' }))).toEqual(['submit old.1']);
  expect(stands('13.qa')).toEqual({ is: 'running' });
});

test('what was withdrawn or published again with other content is given up', () => {
  for (const [op, integrity] of [
    ['withdraw', 'sha512-one'],
    ['overwrite', 'sha512-two'],
  ] as const) {
    const { publish, take, stands } = scene(qa);
    publish(11, [planOf(qa, 'k')]);
    take({ is: 'run-started', attempt: 'k.1', at });
    expect(words(publish(12, [], { op, integrity }))).toEqual(['cancel k.1', 'revoke k.1']);
    expect(stands('11.qa')).toMatchObject({ is: 'gone' });
  }
});

test('the machinery’s losses and its own failures are counted apart, then it is a dead letter', () => {
  const { publish, ended, take, stands } = scene(tell);
  publish(11, [planOf(tell, 'c')]);
  expect(words(ended('c.1', 'lost'))).toEqual(['revoke c.1', 'submit c.2']);
  expect(words(ended('c.2', 'lost'))).toEqual(['revoke c.2', 'wake 2026-01-01T00:00:02.000Z']);
  expect(words(take({ is: 'tick', at: '2026-01-01T00:00:01.000Z' }))).toEqual([
    'wake 2026-01-01T00:00:02.000Z',
  ]);
  expect(words(take({ is: 'tick', at: '2026-01-01T00:00:02.000Z' }))).toEqual(['submit c.3']);
  expect(words(ended('c.3', 'failed'))).toEqual(['revoke c.3', 'submit c.4']);
  expect(words(ended('c.4', 'failed'))).toEqual(['revoke c.4']);
  expect(stands('11.tell')).toEqual({ is: 'dead', reason: 'it broke' });
  expect(words(take({ is: 'retry', id: '11.tell', at }))).toEqual(['submit c.5']);
  ended('c.5', 'succeeded');
  expect(stands('11.tell')).toEqual({ is: 'done' });
});

test('a run that somebody cancels ends what the handler does with the version', () => {
  const { publish, take, stands } = scene(qa);
  publish(11, [planOf(qa, 'k', 'd')]);
  expect(words(take({ is: 'cancel', attempt: 'd.1', at }))).toEqual([
    'cancel k.1',
    'revoke k.1',
    'cancel d.1',
    'revoke d.1',
  ]);
  expect(stands('11.qa')).toEqual({ is: 'canceled' });
});

test('what cannot be resolved is a failed check, without a run', () => {
  const { publish, told, stands } = scene(qa);
  const plan: Plan = { declared: qa, parts: [], problem: 'Nothing satisfies @film/rig ^2.0.0.' };
  expect(words(publish(11, [plan]))).toEqual(['judge qa failed']);
  told(12, 'qa', undefined, 'failed');
  expect(stands('11.qa')).toMatchObject({ is: 'failed', reason: expect.stringContaining('@film/rig') });
});

test('a handler hears of what comes after it was declared, each change once', () => {
  const { publish, take } = scene(qa);
  expect(publish(10, [planOf(qa, 'before')])).toEqual([]);
  expect(words(publish(11, [planOf(qa, 'k')]))).toEqual(['submit k.1']);
  expect(publish(11, [planOf(qa, 'k')])).toEqual([]);
  take({ is: 'declared', handlers: [qa, tell], head: 15, at });
  expect(words(publish(12, [planOf(qa, 'q'), planOf(tell, 't')], { version: '1.1.0' }))).not.toContain(
    'submit t.1',
  );
});

test('a trial is judged by nobody and goes nowhere', () => {
  const { take, ended, stands } = scene(qa);
  take({ is: 'trial', change: change(10), plan: planOf(qa, 'k'), at });
  expect(words(ended('k.1', 'succeeded', report(passed('installs'))))).toEqual(['revoke k.1']);
  expect(stands('10.qa.1')).toEqual({ is: 'passed' });
});

test('after a crash everything that was decided and perhaps not done is asked for again', () => {
  const { publish, ended, told, take, crash } = scene(qa);
  const start = (attempts: Record<string, { end: RunState; report?: QaReport }> = {}) => {
    crash();
    return words(take({ is: 'started', attempts, at }));
  };
  publish(11, [planOf(qa, 'k')]);
  expect(start({ 'k.1': { end: { is: 'unknown' } } })).toEqual(['submit k.1']);
  expect(start({ 'k.1': { end: { is: 'running' } } })).toEqual([]);
  expect(start({ 'k.1': { end: { is: 'succeeded' }, ...report(passed('frames')) } })).toEqual([
    'revoke k.1',
    'judge qa passed',
    'judge qa/frames passed',
  ]);
  told(12, 'qa', 'k.1');
  expect(start()).toEqual(['judge qa/frames passed']);
  told(13, 'qa/frames', 'k.1');
  expect(start()).toEqual(['promote root/PROJ']);
  take({ is: 'gate-closed', id: '11.qa', missing: [], at });
  expect(start()).toEqual(['promote root/PROJ']);
  // Promoted by a person, or by us before the crash: the feed tells.
  publish(14, [], { op: 'promote', index: proj });
  expect(start()).toEqual([]);
  ended('k.1', 'failed');
  expect(start()).toEqual([]);
});

test('a run that was cancelled and goes on all the same is cancelled again', () => {
  const { publish, take, crash } = scene(qa);
  publish(11, [planOf(qa, 'k')]);
  publish(12, [planOf(qa, 'l')], { version: '1.0.1' });
  crash();
  expect(
    words(
      take({
        is: 'started',
        attempts: { 'k.1': { end: { is: 'running' } }, 'l.1': { end: { is: 'waiting' } } },
        at,
      }),
    ),
  ).toEqual(['cancel k.1', 'revoke k.1']);
});

test('the past is forgotten from its beginning; what was given up stays', () => {
  const { publish, ended, stands } = scene(tell);
  publish(11, [planOf(tell, 'dead')]);
  for (const n of [1, 2]) ended(`dead.${n}`, 'failed');
  for (let seq = 12; seq < 1130; seq += 1) {
    publish(seq, [planOf(tell, `k${seq}`)], { version: `1.0.${seq}` });
    ended(`k${seq}.1`, 'succeeded');
  }
  expect(stands('11.tell')).toMatchObject({ is: 'dead' });
  expect([stands('12.tell'), stands('1129.tell')]).toEqual([undefined, { is: 'done' }]);
});
