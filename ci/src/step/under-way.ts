/** Which of its ends a run has not reached yet, and all that it reads. */
import type { RunRecord } from './types.ts';

export const isUnderWay = ({ state }: RunRecord): boolean => state === 'waiting' || state === 'running';

/** Everything that a run reads, as `name@version`: what its lock pins, and the last products of its own. */
export function pinsOf({ lock, builtOn }: Pick<RunRecord, 'lock' | 'builtOn'>): string[] {
  const pins = Object.keys(lock.pins);
  return builtOn === undefined
    ? pins
    : [...pins, ...builtOn.map(({ name, version }) => `${name}@${version}`)];
}
