/** `POST /plan`: what would follow. Reads the state, plays on a copy of it, keeps nothing. */
import type { Engine } from '@pipl/engine';
import { indexName, manifestSchema, piplError, type Row, type ThirdPartyLock } from '@pipl/packl';
import type { Plan } from '@pipl/registry-client';
import { z } from 'zod';
import { planAhead, type State } from './step/index.ts';
import { readsBody } from './read-body.ts';

const Asked = z.strictObject({
  index: z.string(),
  packls: z
    .array(
      z.strictObject({
        manifest: manifestSchema(),
        integrity: z.string(),
        thirdParty: z.custom<ThirdPartyLock>((lock) => typeof lock === 'object' && lock !== null).optional(),
      }),
    )
    .max(1000)
    .optional(),
  promote: z
    .array(z.strictObject({ name: z.string(), version: z.string() }))
    .max(1000)
    .optional(),
  tasks: z.array(z.string()).max(1000).optional(),
  unchanged: z.array(z.string()).optional(),
  fails: z.array(z.string()).optional(),
});
type Asked = z.output<typeof Asked>;
type Arrival = { readonly op: 'publish' | 'promote'; readonly row: Row };

/**
 * @param state what the asker may see
 * @throws PIPL_QUERY; PIPL_NO_VERSION for what should be promoted and is nowhere; PIPL_TASK_UNKNOWN
 */
export function planFor(
  state: State,
  body: unknown,
  { engine, concurrency }: { readonly engine: Engine; readonly concurrency: number },
): Plan {
  const asked = read(Asked, body);
  const { unchanged = [], fails = [], tasks = [] } = asked;
  for (const name of tasks) refuseUnknown(state, name);
  return planAhead(state, {
    index: indexName(asked.index),
    arrivals: [...publishes(asked), ...promotions(state, asked)],
    again: tasks,
    unchanged,
    fails,
    at: new Date().toISOString(),
    concurrency,
    engineOf: () => engine.name,
  });
}

const publishes = ({ index, packls = [] }: Asked): Arrival[] =>
  packls.map(({ manifest, integrity, thirdParty }) => ({
    op: 'publish',
    row: {
      index: indexName(index),
      name: manifest.name,
      version: manifest.version,
      integrity,
      manifest,
      ...(thirdParty === undefined ? {} : { thirdParty }),
    },
  }));

const promotions = ({ projection }: State, { index, promote = [] }: Asked): Arrival[] =>
  promote.flatMap(({ name, version }) => {
    const rows = [...(projection.rows.get(name)?.values() ?? [])];
    const found = rows.filter((row) => row.version === version && row.withdrawn !== true);
    // What is there already changes nothing.
    if (found.some((row) => row.index === index)) return [];
    const row = found[0] ?? noVersion(name, version);
    return [{ op: 'promote', row: { ...row, index: indexName(index) } }];
  });

const read = readsBody({
  kind: 'usage',
  code: 'PIPL_QUERY',
  what: 'This is nothing that could be planned.',
  hint: 'Send {"index": "root/PROJ", "packls": […]}, or "promote", or "tasks".',
  whole: 'the body',
});

function refuseUnknown({ records }: State, name: string): void {
  if (records.tasks.values().some((task) => task.name === name)) return;
  throw piplError('notFound', 'PIPL_TASK_UNKNOWN', {
    what: `There is no task ${name}.`,
    why: 'No index with a handler shows a task of that name.',
    hint: '`pipl runs` lists the tasks that ran.',
  });
}

function noVersion(name: string, version: string): never {
  throw piplError('notFound', 'PIPL_NO_VERSION', {
    what: `There is no ${name}@${version}.`,
    why: 'No index that you may read has it.',
    hint: `\`pipl packl show ${name}\` shows the latest.`,
  });
}
