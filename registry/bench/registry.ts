/**
 * `npm run bench -- registry`: every figure beside its baseline, in one run, on one machine. Stock Verdaccio 6.10.4
 * stands with its own storage, which never waits for the disk; the floor of publishing does, and does nothing else.
 */
import type { Print } from '../../scripts/figures.ts';
import { benchDevpi } from './devpi.ts';
import { benchInstalling } from './installing.ts';
import { benchManyVersions, benchPublishing } from './publishing.ts';
import { benchReading } from './reading.ts';
import { benchStanding } from './standing.ts';

const parts = [benchPublishing, benchReading, benchManyVersions, benchInstalling, benchStanding, benchDevpi];

/** One that cannot be measured here does not take the figures after it along. @throws AggregateError in the end */
export async function bench(print: Print): Promise<void> {
  const failures: unknown[] = [];
  for (const part of parts) {
    try {
      await part(print);
    } catch (error) {
      console.error(`${part.name} came to no end:`, error);
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'Some figures are missing.');
}
