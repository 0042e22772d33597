/** `GET /why`: the reasons that the state knows, with what only the registry and the records of runs know. */
import { indexName, piplError, type Change, type IndexName } from '@pipl/packl';
import type { Registry } from '@pipl/registry';
import type { Gate } from '@pipl/registry-client';
import type { RunRecords } from './run-records.ts';
import { explain, runNamed, type Explanation, type State } from './step/index.ts';

export interface WhyParts {
  readonly registry: Registry;
  readonly runRecords: RunRecords;
}

/** @param state what the asker may see @throws PIPL_WHY_UNKNOWN PIPL_WHY_ABOUT PIPL_NO_CHANGE */
export async function whyFor(
  state: State,
  query: URLSearchParams,
  { registry, runRecords }: WhyParts,
): Promise<Explanation> {
  const subject = query.get('subject') ?? '';
  const index = query.get('index');
  const about = query.get('about');
  const run = about === null ? runNamed(state, subject) : undefined;
  const resumed = run && (await runRecords.read(run.attempt))?.ending?.resumed;
  const gates = new Map((await registry.indexes()).map(({ name, gate }) => [name, gate]));
  return explain(state, subject, {
    gateOf: (name: IndexName) => gateWords(gates.get(name)),
    ...(resumed === undefined ? {} : { resumed }),
    ...(index === null ? {} : { index: indexName(index) }),
    ...(about === null ? {} : { about: await aboutOf(registry, about) }),
  });
}

async function aboutOf(registry: Registry, about: string): Promise<string | Change> {
  if (!/^\d{1,15}$/.test(about)) return about;
  const seq = Number(about);
  const { changes } = await registry.feed.read(seq - 1, 1);
  const [change] = changes;
  if (change?.seq === seq) return change;
  throw piplError('notFound', 'PIPL_NO_CHANGE', {
    what: `There is no change ${seq}.`,
    why: `The last one was ${await registry.feed.head()}.`,
    hint: '`pipl waves` lists the changes that caused something.',
  });
}

/** What a version has passed that was promoted through the gate; undefined where it asks for nothing. */
function gateWords(gate: Gate | undefined): string | undefined {
  const words = [
    ...(gate?.checks === undefined ? [] : ['checks']),
    ...(gate?.approval === undefined && gate?.approvals === undefined ? [] : ['approval']),
  ];
  return words.length === 0 ? undefined : words.join(' and ');
}
