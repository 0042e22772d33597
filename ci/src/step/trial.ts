/**
 * What would be, if: inputs are taken and rows are shown on a live state, somebody looks, and all of it is taken
 * back. Nobody else sees it, as nothing else runs meanwhile.
 */
import { stepInTrial } from './decide.ts';
import type { Rules } from './rules.ts';
import { Journal, liveOf } from './state.ts';
import type { Live } from './state.ts';
import type { Effect, Input, ProjectionWrite, State } from './types.ts';

export interface Trial {
  readonly live: Live;
  readonly take: (input: Input, rules?: Rules) => readonly Effect[];
  readonly show: (write: ProjectionWrite) => void;
}

/** @param look synchronous: the state is as it was when it returns or throws */
export function tryOut<Seen>(state: State, look: (trial: Trial) => Seen): Seen {
  const live = liveOf(state);
  const journals: Journal[] = [];
  try {
    return look({
      live,
      take(input, rules) {
        const { effects, journal } = stepInTrial(live, input, rules);
        journals.push(journal);
        return effects;
      },
      show(write) {
        const journal = new Journal(live);
        journals.push(journal);
        journal.show(write);
      },
    });
  } finally {
    Journal.takeBack(journals.toReversed());
  }
}
