/**
 * `/-/pipl/v1/pauses`: what operators stop and let go on. A task is any user's to stop, as its runs are to cancel; an
 * index its owner's; the whole project root's.
 */
import type { IndexName } from '@pipl/packl';
import { indexName, piplError } from '@pipl/packl';
import type { Pauses } from '@pipl/registry-client';
import { z } from 'zod';
import { denied, isOwner, needUser, noIndex, type Asked } from './handlers/asker.ts';
import type { HandlersAtWork } from './handlers/shell.ts';
import type { Reactor } from './reactor.ts';
import { unknownTask } from './retry-refusal.ts';
import { isMeant, type Pause, type Paused } from './step/index.ts';
import { visibleState, type MayRead } from './visible-state.ts';
import { readsBody } from './read-body.ts';

type Route = (asked: Asked, reactor: Reactor) => Promise<unknown>;

const What = z.strictObject({ task: z.string().min(1).optional(), index: z.string().optional() });
const Body = What.extend({ reason: z.string().max(500).optional() });

export const pauseRoutes = (
  handlers: () => HandlersAtWork | undefined,
): (readonly [method: string, path: RegExp, route: Route])[] => {
  const tell = ({ mayRead }: Asked, { state }: Reactor): Pauses => {
    const runs = [...state.records.runs.values(), ...(handlers()?.state.records.handler_runs.values() ?? [])];
    return {
      pauses: pausesIn(state.records.meta.get('reactor')?.paused, mayRead),
      running: runs.filter((run) => run.state === 'running').length,
    };
  };
  return [
    ['GET', /^\/pauses$/, async (asked, here) => tell(asked, here)],
    [
      'POST',
      /^\/pauses$/,
      async (asked, here) => {
        const by = needUser(asked);
        const { reason, ...body } = read(Body, await asked.body());
        const what = pausedIn(body);
        mayStop(asked, what);
        needThere(asked, here, what);
        const at = new Date().toISOString();
        const pause: Pause = { ...what, by, at, ...(reason === undefined ? {} : { reason }) };
        await here.take({ is: 'pause', pause, at });
        return tell(asked, here);
      },
    ],
    [
      'POST',
      /^\/pauses\/remove$/,
      async (asked, here) => {
        const by = needUser(asked);
        const what = pausedIn(read(What, await asked.body()));
        mayStop(asked, what);
        const removed = pausesIn(here.state.records.meta.get('reactor')?.paused, asked.mayRead).filter(
          (one) => isMeant(one, what),
        );
        if (removed.length === 0) throw notPaused(what);
        await here.take({ is: 'resume', what, by, at: new Date().toISOString() });
        return { ...tell(asked, here), removed };
      },
    ],
  ];
};

const pausesIn = (paused: readonly Pause[] = [], mayRead: MayRead): Pause[] =>
  paused.filter(({ index }) => index === undefined || mayRead(index));

const pausedIn = ({ task, index }: z.output<typeof What>): Paused => ({
  ...(task === undefined ? {} : { task }),
  ...(index === undefined ? {} : { index: indexName(index) }),
});

/** What is gone by now can still be resumed. @throws PIPL_NO_INDEX PIPL_TASK_UNKNOWN */
function needThere({ mayRead }: Asked, { state }: Reactor, { task, index }: Paused): void {
  const { records, projection } = visibleState(state, mayRead);
  if (index !== undefined && !projection.indexes.some(({ name }) => name === index)) throw noIndex(index);
  const isThere = [...records.tasks.values()].some(
    (one) => one.name === task && (index === undefined || one.index === index),
  );
  if (task !== undefined && !isThere) throw unknownTask(task);
}

/** @throws PIPL_DENIED */
function mayStop(asked: Asked, { task, index }: Paused): void {
  if (task !== undefined) return;
  // Who owns the project owns everything of it.
  const owned = index ?? ('root/PROJ' as IndexName);
  if (isOwner(asked, owned)) return;
  throw denied(
    `${needUser(asked)} may not pause or resume ${index ?? 'the whole project'}.`,
    index === undefined ? 'That is for root.' : 'That is for the owner of the index and for root.',
  );
}

const wordsOf = ({ task, index }: Paused): string =>
  [
    task ?? (index === undefined ? 'The whole project' : 'Everything'),
    ...(index === undefined ? [] : [`in ${index}`]),
  ].join(' ');

const notPaused = (what: Paused) =>
  piplError('notFound', 'PIPL_NOT_PAUSED', {
    what: `${wordsOf(what)} is not paused.`,
    why: 'A pause ends by the same words by which it began.',
    hint: '`pipl pauses` lists what is paused.',
  });

const read = readsBody({
  kind: 'usage',
  code: 'PIPL_PAUSE',
  what: 'The server cannot tell what is to be paused.',
  hint: 'Name a task, an index, or neither of them for the whole project.',
});
