/** What a task of an explored production reads, by chance. */
import type { Random } from './random.ts';

const ranges = ['^1.0.0', '^1.0.0', '^1.0.0', '>=1.0.0', '*', '~1.0.0', '1.0.0', '<1.2.0', 'latest'];

export function someReads(random: Random, names: readonly string[]): Record<string, string> {
  const reads: Record<string, string> = {};
  for (let count = 1 + random.below(3); count > 0; count -= 1) {
    // The newest names are likelier, so that graphs grow deep.
    const near = random.chance(0.6) ? names.slice(-4) : names;
    reads[random.pick(near)!] = random.pick(ranges)!;
  }
  return reads;
}
