/**
 * What would be, if: inputs are taken and rows are shown on a live state, somebody looks, and all of it is taken
 * back. Nobody else sees it, as nothing else runs meanwhile.
 */
import { stepInTrial } from './decide.ts';
import type { TrialStep } from './decide.ts';
import type { Rules } from './rules.ts';
import { Journal, liveOf } from './state.ts';
import { Together } from './together.ts';
import type { Live } from './state.ts';
import type { Effect, Input, ProjectionWrite, State } from './types.ts';

export interface Trial {
  readonly live: Live;
  readonly take: (input: Input, rules?: Rules) => readonly Effect[];
  /** The same, in the end: what starts nobody is settled later, together. */
  readonly takeTogether: (input: Input) => readonly Effect[];
  readonly show: (write: ProjectionWrite) => void;
}

/** @param look synchronous: the state is as it was when it returns or throws */
export function tryOut<Seen>(state: State, look: (trial: Trial) => Seen): Seen {
  const live = liveOf(state);
  const journals: Journal[] = [];
  const noted = ({ effects, journal }: TrialStep): readonly Effect[] => {
    journals.push(journal);
    return effects;
  };
  const takeBack = live.lens.beginTrial();
  const together = new Together(live);
  try {
    return look({
      live,
      take: (input, rules) => noted(stepInTrial(live, input, rules)),
      takeTogether: (input) => together.take(input).flatMap(noted),
      show(write) {
        const journal = new Journal(live);
        journals.push(journal);
        journal.show(write);
      },
    });
  } finally {
    takeBack(Journal.backsOf(journals));
  }
}
