/**
 * A run asks for provenance of what it has made, before it packs it. Everything that the server knows by itself
 * comes from its own records: task, inputs, locks, parameters, who caused it. From the run come the products
 * themselves (what it then publishes is held to them), when it began, its Node and its template.
 *
 * So a job that got hold of its run's token can sign nothing about another run, another task or other inputs.
 */
import { hash } from 'node:crypto';
import { parseTree } from '@pipl/assets';
import {
  isAbout,
  parseManifest,
  piplError,
  productOf,
  provenanceOfRun,
  provenanceSubjects,
  type KnownRun,
  type Manifest,
  type Row,
  type Ticket,
  type TreeFile,
} from '@pipl/packl';
import type { Principal, Registry } from '@pipl/registry';
import type { Envelope, MadePoint } from '@pipl/registry-client';
import { z } from 'zod';
import type { RunRecord, State } from '../step/index.ts';
import { MadePoints } from './points.ts';

export interface Attesting {
  readonly state: State;
  readonly sign: Registry['attest'];
  readonly builder: KnownRun['builder'];
  readonly now: () => Date;
}

export interface Attested {
  readonly attempt: string;
  readonly principal: Principal;
  readonly body: unknown;
}

export interface Attestation {
  /** by name of the product */
  readonly envelopes: Readonly<Record<string, Envelope>>;
  readonly ticket: Ticket;
  /** what the run says of its points, and the files that its products hold */
  readonly points: readonly MadePoint[];
  readonly contents: ReadonlySet<string>;
}

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const Made = z.strictObject({
  products: z.array(z.unknown()).max(1000),
  trees: z.record(digest, z.string()),
  points: MadePoints.optional(),
  reported: z.strictObject({
    startedOn: z.string().max(40),
    parameters: z.record(z.string(), z.unknown()),
    template: digest,
    node: z.string().max(100),
    platform: z.string().max(100),
    reused: z
      .array(
        z.strictObject({
          step: z.string(),
          points: z.number().int(),
          reused: z.number().int(),
          from: z.array(z.string()),
        }),
      )
      .optional(),
  }),
});

/** @throws PIPL_DENIED PIPL_RUN_OVER PIPL_BODY PIPL_RUN_PRODUCTS PIPL_MANIFEST PIPL_ASSET_CORRUPT */
export function attest({ state, sign, builder, now }: Attesting, asked: Attested): Attestation {
  const { run, ticket } = runThatAsks(state, asked);
  const { body } = asked;
  const { points = [], products, trees, reported: said } = parsed(body);
  const { reused, ...reported } = said;
  const manifests = products.map((one) => parseManifest(one, 'A product of the run'));
  refuseOthers(run, manifests);
  const files = new Map(Object.entries(trees).map(([of, text]) => [of, filesOf(of, text)]));
  const known: KnownRun = {
    ticket,
    pins: pinsOf(state, run),
    inputAssets: inputAssetsOf(state, [...ticket.inputs, ...(ticket.previous ?? [])]),
    causedBy: causedBy(state, run),
    lockfile: `sha256:${hash('sha256', ticket.codeLock.lockfile)}`,
    builder,
    finishedOn: now().toISOString(),
  };
  const assets = manifests.flatMap((one) => Object.values(productOf(one)?.assets ?? {}));
  const contents = assets.flatMap(({ digest: of }) => (files.get(of) ?? []).map((file) => file.digest));
  const envelopes = Object.fromEntries(
    manifests.map((manifest) => {
      const statement = provenanceOfRun(provenanceSubjects(manifest, files), {
        known,
        reported: { ...reported, ...(reused === undefined ? {} : { reused }) },
      });
      if (!isAbout(statement, manifest))
        throw otherProducts(run, [`${manifest.name} says it was made by another run`]);
      return [manifest.name, sign(statement)];
    }),
  );
  return { envelopes, ticket, points, contents: new Set(contents) };
}

/** @throws PIPL_DENIED PIPL_RUN_OVER */
export function runThatAsks(
  { records }: State,
  { attempt, principal }: Pick<Attested, 'attempt' | 'principal'>,
): { run: RunRecord; ticket: Ticket } {
  if (principal.is !== 'run' || principal.attempt !== attempt) throw notYours(attempt);
  const run = records.runs.get(attempt);
  const ticket = records.tickets.get(attempt);
  if (run === undefined || ticket === undefined) throw over(attempt, run);
  return { run, ticket };
}

function parsed(body: unknown): z.output<typeof Made> {
  const made = Made.safeParse(body);
  if (made.success) return made.data;
  throw piplError('usage', 'PIPL_BODY', {
    what: 'This does not say what a run has made.',
    why: made.error.issues.map(({ path, message }) => `${z.core.toDotPath(path)}: ${message}`).join('; '),
    hint: 'Is the runner of another version than the server?',
  });
}

/** What is signed is what the ticket names, made of what the ticket pins. */
function refuseOthers(run: RunRecord, manifests: readonly Manifest[]): void {
  const wanted = run.products.map(({ name, version }) => `${name}@${version}`).toSorted();
  const brought = manifests.map(({ name, version }) => `${name}@${version}`).toSorted();
  const { task } = run.lock;
  const strange = manifests
    .filter((one) => productOf(one)?.made?.by !== `${task.name}@${task.version}`)
    .map(({ name }) => `${name} says that another task made it`);
  if (wanted.join(' ') !== brought.join(' ')) throw otherProducts(run, [`it brought ${brought.join(', ')}`]);
  if (strange.length > 0) throw otherProducts(run, strange);
}

/** The text of a tree is believed because its hash is the digest. */
function filesOf(of: string, text: string): TreeFile[] {
  if (`sha256:${hash('sha256', text)}` !== of) {
    throw piplError('invalid', 'PIPL_RUN_PRODUCTS', {
      what: `The list of files of ${of} is another one.`,
      why: 'Its bytes do not have that digest.',
      hint: 'Send it as the asset store has it.',
    });
  }
  return parseTree(text, of).map(({ path, digest: file }) => ({ path, digest: file }));
}

/** Everything that the run's lock names, with what kind of packl it is. */
function pinsOf(state: State, { lock }: RunRecord): KnownRun['pins'] {
  return Object.entries(lock.pins)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([spec, integrity]) => {
      const at = spec.lastIndexOf('@');
      const pin = { name: spec.slice(0, at), version: spec.slice(at + 1), integrity };
      const kind = rowWith(state, pin)?.manifest.pipl?.kind;
      return { ...pin, ...(kind === undefined ? {} : { kind }) };
    });
}

export function rowWith(
  { projection }: Pick<State, 'projection'>,
  { name, version, integrity }: Pick<Row, 'name' | 'version' | 'integrity'>,
): Row | undefined {
  return projection.rows
    .get(name)
    ?.values()
    .find((row) => row.version === version && row.integrity === integrity);
}

const inputAssetsOf = (
  state: State,
  inputs: readonly Pick<Row, 'name' | 'version' | 'integrity'>[],
): KnownRun['inputAssets'] =>
  Object.fromEntries(
    inputs.map((input) => {
      const row = rowWith(state, input);
      const assets = Object.entries((row && productOf(row.manifest)?.assets) ?? {});
      return [
        `${input.name}@${input.version}`,
        Object.fromEntries(assets.map(([asset, reference]) => [asset, reference.digest])),
      ];
    }),
  );

/** The person behind a chain of runs that woke each other. */
export function causedBy({ records }: State, run: RunRecord): KnownRun['causedBy'] {
  const seen = new Set<string>();
  for (let at: RunRecord | undefined = run; at !== undefined && !seen.has(at.attempt);) {
    seen.add(at.attempt);
    const { cause } = at;
    if (cause.is !== 'change') return { by: cause.is === 'retry' ? 'retry' : 'server' };
    if (!cause.by.startsWith('run:')) return { by: cause.by, change: cause.seq };
    at = records.runs.get(cause.by.slice('run:'.length));
  }
  return { by: 'unknown' };
}

const notYours = (attempt: string) =>
  piplError('denied', 'PIPL_DENIED', {
    what: `Only run ${attempt} itself may ask this.`,
    why: 'The token does not belong to that attempt.',
    hint: 'What runs make is attested for them alone; there is no provenance of what people publish.',
  });

const over = (attempt: string, run: RunRecord | undefined) =>
  piplError('conflict', 'PIPL_RUN_OVER', {
    what: `Run ${attempt} may not publish: it is over.`,
    why: run === undefined ? 'The reactor knows no such run.' : `It ended as ${run.state}.`,
    hint: `\`pipl why ${run?.task ?? attempt}\` tells what runs instead.`,
  });

const otherProducts = (run: RunRecord, problems: readonly string[]) =>
  piplError('denied', 'PIPL_RUN_PRODUCTS', {
    what: `The products of run ${run.attempt} are not attested.`,
    why: `Its ticket is for ${run.products.map(({ name, version }) => `${name}@${version}`).join(', ')}; ${problems.join('; ')}.`,
    hint: 'Bring what the ticket names, with the versions it reserved.',
  });
