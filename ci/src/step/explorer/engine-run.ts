/** What the engine of a world remembers, and what is asked of it. */
import type { Change, IndexName, RunState, Ticket } from '@pipl/packl';
import type { Effect } from '../types.ts';

/** A run as the engine has it. */
export interface EngineRun {
  readonly ticket: Ticket;
  state: RunState;
  /** how often somebody began with it */
  starts: number;
}

export type Engine = Map<string, EngineRun>;

/** What is submitted waits for a place, unless it is shown by reference; who began with it is told here. */
export function doIn(engine: Engine, effect: DoneHere, tickets: ReadonlyMap<string, Ticket>): void {
  const attempt = effect.do === 'submit' ? effect.ticket.attempt : effect.attempt;
  const run = engine.get(attempt);
  switch (effect.do) {
    case 'submit': {
      const isShown = effect.ticket.reference !== undefined;
      const state: RunState = isShown ? { is: 'running' } : { is: 'waiting' };
      if (run === undefined) engine.set(attempt, { ticket: effect.ticket, state, starts: isShown ? 1 : 0 });
      return;
    }
    case 'cancel':
      if (run?.state.is === 'running' || run?.state.is === 'waiting') run.state = { is: 'canceled' };
      return;
    case 'take-back': {
      const ticket = tickets.get(attempt);
      if (run?.state.is === 'waiting') run.state = { is: 'taken-back' };
      // One that was never submitted never will be.
      if (run === undefined && ticket !== undefined)
        engine.set(attempt, { ticket, state: { is: 'taken-back' }, starts: 0 });
    }
  }
}

/** @returns the next one that has a place now */
export function beginNext(engine: Engine, places: number): EngineRun | undefined {
  let next: EngineRun | undefined;
  let taken = 0;
  for (const run of engine.values()) {
    if (run.state.is === 'waiting') next ??= run;
    if (run.state.is === 'running' && run.ticket.reference === undefined) taken += 1;
  }
  if (next === undefined || taken >= places) return undefined;
  next.state = { is: 'running' };
  next.starts += 1;
  return next;
}

/** Tokens and clocks are not of this world. */
export type DoneHere = Effect & { readonly do: 'submit' | 'cancel' | 'take-back' };

export const doneHere = (effects: readonly Effect[]): DoneHere[] =>
  effects.filter((effect) => effect.do === 'submit' || effect.do === 'cancel' || effect.do === 'take-back');

export type Op = Omit<Change, 'seq' | 'at' | 'by' | 'index'> & {
  readonly index?: IndexName;
  readonly by?: string;
};
