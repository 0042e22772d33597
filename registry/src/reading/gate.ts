/**
 * Lets a few in at a time. Who has waited long enough goes in all the same: it saves memory, it does not keep
 * anything safe, and one who is slow inside must not stop everybody.
 */

export interface Gate {
  /** @returns what says that they left */
  enter(): Promise<() => void>;
}

/** @param patience milliseconds that somebody waits at most */
export function openGate(most: number, patience: number): Gate {
  let inside = 0;
  const waiting = new Set<() => void>();
  const leave = () => {
    inside -= 1;
    const [next] = waiting;
    if (inside < most) next?.();
  };
  return {
    async enter() {
      if (inside >= most) {
        const turn = Promise.withResolvers<void>();
        waiting.add(turn.resolve);
        const timer = setTimeout(turn.resolve, patience);
        await turn.promise;
        clearTimeout(timer);
        waiting.delete(turn.resolve);
      }
      inside += 1;
      return leave;
    },
  };
}
