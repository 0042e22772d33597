/**
 * What a run has made stays made: its outputs are in the asset store before it publishes, and a note in the folder
 * of the attempt says what they are. An attempt that could not publish them (the registry stayed away, the runner
 * was killed) is followed by one that only publishes.
 *
 * Attempts of one run key have the same task, inputs, code and parameters. One that failed by its own fault, or
 * whose content is no longer stored, is run again.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AssetStore } from '@pipl/assets';
import type { AssetReference, Manifest, RunOutcome, Ticket } from '@pipl/packl';
import type { RunProgress } from './progress.ts';
import type { Provenance } from './provenance.ts';
import type { Result } from './run-folder.ts';
import type { Timings } from './timings.ts';

export interface Made {
  readonly products: readonly {
    readonly manifest: Manifest;
    readonly assets: Readonly<Record<string, AssetReference>>;
  }[];
  readonly provenance: Provenance;
}

export interface MadeBefore extends Made {
  /** the attempt */
  readonly by: string;
}

const noteFile = 'made.json';

/** To be called when the content is in the store, before anything is published. Read when this process is dead. */
export function noteMade(folder: string, made: Made): void {
  writeFileSync(join(folder, noteFile), JSON.stringify(made));
}

/** What the newest earlier attempt of the same run made and did not publish, as this attempt would publish it. */
export async function madeBefore(
  folder: string,
  ticket: Ticket,
  store: Pick<AssetStore, 'has'>,
): Promise<MadeBefore | undefined> {
  if (ticket.purpose !== 'process' || ticket.handling !== undefined) return undefined;
  const runs = dirname(folder);
  for (let n = Number(ticket.attempt.slice(ticket.runKey.length + 1)) - 1; n >= 1; n -= 1) {
    const by = `${ticket.runKey}.${n}`;
    const state = (readJson(join(runs, by, 'result.json')) as Result | undefined)?.state;
    if (state === 'failed' || state === 'succeeded') return undefined;
    const made = readJson(join(runs, by, noteFile)) as Made | undefined;
    if (made === undefined) continue;
    const assets = made.products.flatMap(({ assets: all }) => Object.values(all));
    const stored = await Promise.all(assets.map(({ digest }) => store.has(digest)));
    return stored.every(Boolean) ? { ...asOf(ticket, made), by } : undefined;
  }
  return undefined;
}

/** @param publish as after a run of its own */
export async function publishMade(
  { progress, timings }: { readonly progress: Pick<RunProgress, 'log'>; readonly timings: Timings },
  { products, provenance, by }: MadeBefore,
  publish: (products: Made['products'], facts: Provenance) => Promise<RunOutcome | undefined>,
): Promise<Pick<Result, 'provenance' | 'outcome' | 'resumed'>> {
  const text = `Ticket ${by} made everything: it is published without another run.`;
  progress.log({ event: 'resumed', text });
  const outcome = await publish(products, provenance);
  timings.mark('released');
  return { provenance, resumed: by, ...(outcome === undefined ? {} : { outcome }) };
}

/** Names and contents stay; versions and the attempt are those of the ticket. */
function asOf({ products, attempt }: Ticket, made: Made): Made {
  return {
    ...made,
    products: made.products.map(({ manifest, assets }) => {
      const { version = manifest.version } = products.find(({ name }) => name === manifest.name) ?? {};
      const { pipl } = manifest;
      if (pipl?.kind !== 'product' || pipl.made === undefined) return { manifest, assets };
      return {
        manifest: { ...manifest, version, pipl: { ...pipl, made: { ...pipl.made, run: attempt } } },
        assets,
      };
    }),
  };
}

/** undefined for what is not there, or was not written to its end. */
function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
