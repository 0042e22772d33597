/** What holds when a template says nothing. Source: Template Schemas 5 and 5.3.2, RFC 0008. */
import { SymbolTable } from '@pipl/openjd-model';
import { expect, test } from 'vitest';

import { timingOf } from '../src/prepare-action.ts';
import type { Position } from '../src/prepare-action.ts';

const timing = (position: Position, action: object = {}) =>
  timingOf({
    action: { command: 'x', cancelation: { mode: 'NOTIFY_THEN_TERMINATE' }, ...action },
    position,
    files: [],
    symbols: new SymbolTable([], {}),
  });

test.each([
  ['onRun', undefined, 120],
  ['onEnter', undefined, 30],
  ['onExit', 300, 30],
  ['onWrapEnvEnter', undefined, 30],
  ['onWrapTaskRun', undefined, 30],
  ['onWrapEnvExit', 300, 30],
] as const)('%s may take %s s, and has %i s after the notice', (position, timeoutSeconds, periodSeconds) => {
  expect(timing(position)).toEqual({ timeoutSeconds, stopMethod: { mode: 'NOTIFY', periodSeconds } });
});

test('what the template says holds, and null says nothing', () => {
  const forwarded = { mode: '{{ "NOTIFY_THEN_TERMINATE" }}', notifyPeriodInSeconds: '{{ 40 + 2 }}' };
  expect(timing('onWrapTaskRun', { timeout: '{{ 7 }}', cancelation: forwarded })).toEqual({
    timeoutSeconds: 7,
    stopMethod: { mode: 'NOTIFY', periodSeconds: 42 },
  });
  expect(timing('onWrapEnvExit', { timeout: '{{ null }}', cancelation: { mode: '{{ null }}' } })).toEqual({
    timeoutSeconds: 300,
    stopMethod: { mode: 'TERMINATE' },
  });
});

test.each([['0'], ['601'], ['-1'], ['soon'], ['{{ 1.5 }}']])('a period of %s is refused', (period) => {
  const cancelation = { mode: 'NOTIFY_THEN_TERMINATE', notifyPeriodInSeconds: period };
  expect(() => timing('onWrapTaskRun', { cancelation })).toThrow('is no time in seconds');
});
