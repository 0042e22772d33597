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

export async function bench(print: Print): Promise<void> {
  await benchPublishing(print);
  await benchReading(print);
  await benchManyVersions(print);
  await benchInstalling(print);
  await benchStanding(print);
  await benchDevpi(print);
}
