/** What made the products of a run, exactly enough to make them again. Kept in `result.json`. */
import { createHash } from 'node:crypto';
import type { Pin, ReusedPoints, Ticket } from '@pipl/packl';
import type { PlacedReads } from './prepare.ts';
import type { PreparedJob } from './job.ts';
import type { collectProducts } from './products.ts';
import type { RecordedEnvironment } from './run-environment.ts';
import type { Described } from './template.ts';

export interface Provenance {
  readonly task: Pin;
  readonly codeLock: string;
  /** sha256 of the job template, canonical JSON */
  readonly template?: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** with the content that was checked out */
  readonly inputs: readonly (Pin & { slot: string; assets: Readonly<Record<string, string>> })[];
  /** what it made last, where it asks for that */
  readonly previous?: Provenance['inputs'];
  /** asset → digest, by product */
  readonly products: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** what the envsets said; absent where there are none */
  readonly environment?: RecordedEnvironment;
  readonly node: string;
  readonly platform: string;
  /** points that came from earlier runs, by step */
  readonly reused?: readonly ReusedPoints[];
}

export interface Facts {
  readonly templateText: PreparedJob['templateText'];
  readonly described: Described;
  readonly inputs: PlacedReads;
  readonly products: Awaited<ReturnType<typeof collectProducts>>;
  readonly environment: RecordedEnvironment | undefined;
  readonly reused: readonly ReusedPoints[];
}

export const provenanceOf = (
  ticket: Ticket,
  { templateText, described, inputs, products, environment, reused }: Facts,
): Provenance => ({
  task: ticket.task satisfies Pin,
  codeLock: ticket.codeLock.hash,
  template: `sha256:${createHash('sha256').update(templateText).digest('hex')}`,
  parameters: described.parameters,
  inputs: inputs.used,
  ...(inputs.previous.used.length === 0 ? {} : { previous: inputs.previous.used }),
  products: Object.fromEntries(
    products.map(({ manifest, assets }) => [
      manifest.name,
      Object.fromEntries(Object.entries(assets).map(([asset, { digest }]) => [asset, digest])),
    ]),
  ),
  ...(environment === undefined ? {} : { environment }),
  node: process.version,
  platform: `${process.platform}-${process.arch}`,
  ...(reused.length === 0 ? {} : { reused }),
});
