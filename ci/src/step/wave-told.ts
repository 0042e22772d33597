/** What a wave did, told of any state: its runs, and whom its changes woke. */
import type { State, WokenRecord } from './types.ts';

/** Attempts, in the order they were started. */
export const runsOf = (
  {
    records,
    lens,
  }: State & {
    readonly lens?: { readonly tallies: { readonly runsOf: ReadonlyMap<string, readonly string[]> } };
  },
  wave: string,
): readonly string[] =>
  lens === undefined
    ? [...records.runs.values()].filter((run) => run.wave === wave).map(({ attempt }) => attempt)
    : (lens.tallies.runsOf.get(wave) ?? []);

/** Every change that altered what a task of the wave resolves to, with the tasks it woke. */
export const changesOf = ({ records }: State, wave: string): readonly WokenRecord[] =>
  [...records.woken.values()].filter((one) => one.wave === wave);
