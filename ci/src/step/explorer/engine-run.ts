/** What the engine of a world remembers, and what is asked of it. */
import type { Change, IndexName, RunState, Ticket } from '@pipl/packl';
import type { Effect } from '../types.ts';

/** A run as the engine has it. */
export interface EngineRun {
  readonly ticket: Ticket;
  state: RunState;
  /** how often somebody started it */
  starts: number;
}

/** Tokens and clocks are not of this world. */
export type DoneHere = Effect & { readonly do: 'submit' | 'cancel' };

export const doneHere = (effects: readonly Effect[]): DoneHere[] =>
  effects.filter((effect) => effect.do === 'submit' || effect.do === 'cancel');

export type Op = Omit<Change, 'seq' | 'at' | 'by' | 'index'> & {
  readonly index?: IndexName;
  readonly by?: string;
};
