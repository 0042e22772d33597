/** `npm run soak -- registry`: kills, power losses and races; what was acknowledged must be there, once, and whole. */
import type { SoakResult } from '../../scripts/soak.ts';
import { killRounds } from './kills.ts';
import { powerLossImpossible, powerLossRounds } from './power-loss.ts';
import { nothingLost } from './publishing.ts';
import { races } from './races.ts';

const atFullScale = { kills: 1_000, powerLosses: 200, races: 1_000 };

export async function soak(scale: number): Promise<SoakResult> {
  const rounds = (full: number) => Math.max(2, Math.round(full * scale));
  const killed = nothingLost();
  const { kills, publishes } = await killRounds(rounds(atFullScale.kills), killed);
  const raced = { winners: 0, mismatches: 0 };
  const raceCount = rounds(atFullScale.races);
  await races(raceCount, raced);
  const dark = nothingLost();
  const impossible = await powerLossImpossible();
  const powerLosses = impossible === undefined ? rounds(atFullScale.powerLosses) : 0;
  const publishesInTheDark = await powerLossRounds(powerLosses, dark);
  return {
    tried: { kills, publishes, races: raceCount, powerLosses, publishesInTheDark },
    lost: { ...killed, ...raced, ...prefixed('powerLoss', dark) },
    ...(impossible === undefined ? {} : { powerLossSkipped: impossible }),
  };
}

const prefixed = (prefix: string, counts: object): Record<string, number> =>
  Object.fromEntries(
    Object.entries(counts).map(([key, count]) => [
      `${prefix}${key.charAt(0).toUpperCase()}${key.slice(1)}`,
      count as number,
    ]),
  );
