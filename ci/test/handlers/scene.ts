/** Handlers without a server: inputs in, and what is to be done for them as words. */
import { indexName, noTask, type Change, type QaReport, type RunState, type Ticket } from '@pipl/packl';
import { decideHandlers } from '../../src/handlers/decide.ts';
import { applyHandlers, loadHandlers } from '../../src/handlers/state.ts';
import type { Declared, HandlerEffect, HandlerInput, Plan } from '../../src/handlers/types.ts';

export const stage = indexName('alice/stage');
export const proj = indexName('root/PROJ');
export const at = '2026-01-01T00:00:00.000Z';
export const qa: Declared = { index: stage, name: 'qa', handler: { kind: 'qa', promoteTo: proj } };
export const tell: Declared = {
  index: stage,
  name: 'tell',
  handler: { kind: 'command', command: ['tell', '{name}'], retries: 1 },
};

export const change = (seq: number, more: Partial<Change> = {}): Change => ({
  seq,
  index: stage,
  op: 'publish',
  name: '@film/bunny',
  version: '1.0.0',
  integrity: 'sha512-one',
  by: 'alice',
  at,
  ...more,
});

export const ticketOf = (runKey: string, declared: Declared): Ticket => ({
  runKey,
  attempt: '',
  purpose: declared.handler.kind,
  index: stage,
  task: { name: '@film/bunny', version: '1.0.0', integrity: 'sha512-one' },
  field: noTask,
  inputs: [],
  products: [],
  codeLock: { hash: 'none', dependencies: {}, lockfile: '' },
});

export const planOf = (declared: Declared, ...runKeys: string[]): Plan => ({
  declared,
  parts: runKeys.map((runKey) => ({ of: '@film/bunny@1.0.0', ticket: ticketOf(runKey, declared) })),
});

export const passed = (check: string, of = '@film/bunny@1.0.0') => ({ check, of, passed: true, seconds: 1 });
export const failed = (check: string, of = '@film/bunny@1.0.0') => ({
  ...passed(check, of),
  passed: false,
  message: 'no',
});
export const report = (...checks: QaReport['checks'][number][]): { report: QaReport } => ({
  report: { checks },
});

/** Handlers that were just declared; each input gives what is to be done for it. */
export function scene(...declared: Declared[]) {
  let state = loadHandlers([]);
  const take = (input: HandlerInput): HandlerEffect[] => {
    const { writes, effects } = decideHandlers(state, input);
    state = applyHandlers(state, writes);
    return [...effects];
  };
  take({ is: 'declared', handlers: declared, head: 10, at });
  return {
    take,
    ended: (attempt: string, end: RunState['is'], more: { report?: QaReport } = {}) =>
      take({ is: 'run-ended', attempt, end: { is: end, reason: 'it broke' } as RunState, at, ...more }),
    publish: (seq: number, plans: Plan[], more: Partial<Change> = {}) =>
      take({ is: 'change', change: change(seq, more), plans, at }),
    told: (seq: number, check: string, run: string | undefined, result: 'passed' | 'failed' = 'passed') =>
      take({
        is: 'change',
        change: change(seq, {
          op: 'verdict',
          verdict: { kind: 'check', check, result, handler: 'qa', ...(run === undefined ? {} : { run }) },
        }),
        plans: [],
        at,
      }),
    /** What the kept rows alone would give. */
    crash() {
      const rows = Object.entries(state.records).flatMap(([table, map]) =>
        [...(map as ReadonlyMap<string, unknown>)].map(([key, value]) => ({
          table,
          key,
          value: structuredClone(value),
        })),
      );
      state = loadHandlers(rows);
    },
    stands: (id: string) => state.records.handlings.get(id)?.stands,
  };
}

export const words = (effects: readonly HandlerEffect[]): string[] =>
  effects.map((effect) => {
    switch (effect.do) {
      case 'submit':
        return `submit ${effect.ticket.attempt}`;
      case 'judge':
        return `judge ${effect.verdict.check} ${effect.verdict.result}`;
      case 'promote':
        return `promote ${effect.into}`;
      case 'wake':
        return `wake ${effect.at}`;
      case 'cancel':
      case 'revoke':
        return `${effect.do} ${effect.attempt}`;
    }
  });
