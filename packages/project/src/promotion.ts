/** What people do with versions that are published: promote, approve, ask for a retake, withdraw. */
import { type IndexName, parseSpec, piplError } from '@pipl/packl';
import type { Dependent, GateState, PromoteResult, RegistryClient } from '@pipl/registry-client';
import { valid } from 'semver';

export interface Version {
  readonly name: string;
  readonly version: string;
}

/** @param spec `name@version`, nothing looser @throws PIPL_SPEC (exit 2) */
export function exactVersion(spec: string): Version {
  const { name, range } = parseSpec(spec);
  if (range !== undefined && valid(range) === range) return { name, version: range };
  throw piplError('usage', 'PIPL_SPEC', {
    what: `"${spec}" does not name one version.`,
    why: 'What is promoted, judged or withdrawn is said exactly.',
    hint: `For example ${name}@1.0.0; \`pipl packl show ${name}\` shows the latest.`,
  });
}

/** All of them or none. @throws PIPL_GATE_CLOSED (exit 7), PIPL_VERSION_TAKEN (4), PIPL_DENIED (6), PIPL_NO_VERSION (3) */
export const promote = (
  client: RegistryClient,
  asked: {
    readonly specs: readonly string[];
    readonly to: IndexName;
    readonly from?: IndexName | undefined;
    /** everything is judged, nothing is promoted */
    readonly dryRun?: boolean;
  },
): Promise<PromoteResult> =>
  client.promote(asked.to, {
    dryRun: asked.dryRun === true,
    packls: asked.specs.map((spec) => ({
      ...exactVersion(spec),
      ...(asked.from === undefined ? {} : { from: asked.from }),
    })),
  });

export interface Judged extends Version {
  readonly index: IndexName;
  readonly result: 'approved' | 'retake';
  /** of the change */
  readonly seq: number;
  /** gated index → what it says to this version now */
  readonly gates: Readonly<Record<string, GateState>>;
}

/**
 * @param which `content`: any index will do that has the one content; `index`: only one index may have it
 * @throws PIPL_NO_VERSION (exit 3), PIPL_SEVERAL_SOURCES (4)
 */
async function placeOf(
  client: RegistryClient,
  { name, version }: Version,
  which: 'content' | 'index',
): Promise<IndexName> {
  const places = await client.places({ name, version });
  const contents = new Set(places.map(({ integrity }) => integrity));
  const [first] = places;
  const isClear = which === 'index' ? places.length === 1 : contents.size === 1;
  if (first !== undefined && isClear) return first.index;
  if (first === undefined) {
    throw piplError('notFound', 'PIPL_NO_VERSION', {
      what: `There is no ${name}@${version}.`,
      why: 'No index that you may read has it.',
      hint: `\`pipl packl show ${name}\` shows the latest.`,
    });
  }
  throw piplError('conflict', 'PIPL_SEVERAL_SOURCES', {
    what: `It is not clear which ${name}@${version} is meant.`,
    why: `${places.map(({ index }) => index).join(', ')} have ${
      which === 'index' ? 'it, each for itself' : 'different contents under that version'
    }.`,
    hint: 'Say in which index: --index OWNER/NAME',
  });
}

/** Approves a version, or asks for a retake, in the index where it stands. */
export async function judge(
  client: RegistryClient,
  asked: {
    readonly spec: string;
    readonly result: 'approved' | 'retake';
    readonly index?: IndexName | undefined;
    readonly message?: string | undefined;
  },
): Promise<Judged> {
  const { result, message } = asked;
  const what = exactVersion(asked.spec);
  const index = asked.index ?? (await placeOf(client, what, 'content'));
  const told = message === undefined ? {} : { message };
  const answer = await client.judge(index, { ...what, verdict: { kind: 'approval', result }, ...told });
  return { ...what, index, result, ...answer };
}

export interface Withdrawn extends Version {
  readonly index: IndexName;
  /** who gets another version now, or none */
  readonly dependents: readonly Dependent[];
}

/** With `dryRun` nothing is withdrawn. @throws PIPL_NO_VERSION (exit 3), PIPL_SEVERAL_SOURCES (4), PIPL_DENIED (6) */
export async function withdraw(
  client: RegistryClient,
  asked: {
    readonly spec: string;
    readonly index?: IndexName | undefined;
    readonly message?: string | undefined;
    readonly dryRun?: boolean;
  },
): Promise<Withdrawn> {
  const { message, dryRun = false } = asked;
  const what = exactVersion(asked.spec);
  const index = asked.index ?? (await placeOf(client, what, 'index'));
  if (dryRun) return { ...what, index, dependents: await client.dependents(index, what) };
  const told = message === undefined ? {} : { message };
  const { dependents } = await client.withdraw(index, { ...what, ...told });
  return { ...what, index, dependents };
}
