/**
 * The change feed as server-sent events: `id` is the seq, `Last-Event-ID` resumes behind it.
 *
 * Many readers cost little: those that wait at the same place share one question to the database. A slow reader
 * costs one page: nothing is read for it before its socket has taken what it got, and one that takes nothing
 * for a minute is let go; it resumes where it was. So is everybody after a while, so that rights and tokens
 * that were taken back do not stream on.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { piplError, type Change } from '@pipl/packl';
import { currentRights } from '../people/fast-rights.ts';
import type { Principal } from '../people/principal.ts';
import type { Rights } from '../people/rights.ts';
import { sharedAnswers } from './shared-answers.ts';
import type { Store } from '../state/store.ts';
import { visibleChanges } from './visible-feed.ts';

export interface StreamTimes {
  /** Milliseconds of silence after which a sign of life is sent. */
  readonly heartbeat: number;
  /** Milliseconds that a reader may leave its socket full. */
  readonly stalled: number;
  /** Milliseconds after which a reader is asked to come back. */
  readonly longest: number;
}

export const streamTimes: StreamTimes = { heartbeat: 15_000, stalled: 60_000, longest: 15 * 60_000 };

interface Page {
  readonly changes: readonly Change[];
  readonly rights: Rights;
}

export interface Streams {
  answer(
    exchange: { request: IncomingMessage; response: ServerResponse },
    asked: { principal: Principal; since: number; signal: AbortSignal },
  ): Promise<void>;
  /** how many are being served now */
  count(): number;
}

const pageSize = 100;

/** @throws PIPL_QUERY for a `Last-Event-ID` that is none of ours */
export function resumedAt({ headers }: IncomingMessage, since: number): number {
  const last = headers['last-event-id'];
  if (last === undefined || last === '') return since;
  const seq = Number(last);
  if (Number.isSafeInteger(seq) && seq >= 0) return seq;
  throw piplError('usage', 'PIPL_QUERY', {
    what: `Last-Event-ID is "${String(last).slice(0, 40)}", which is no place in the feed.`,
    why: 'It is the seq of the last change that was seen.',
    hint: 'Leave it out, or send the id of the last event.',
  });
}

const frameOf = (change: Change) => `id: ${change.seq}\nevent: change\ndata: ${JSON.stringify(change)}\n\n`;

/** False when the reader left, or took nothing for too long. */
async function write(response: ServerResponse, text: string, stalled: number): Promise<boolean> {
  if (response.destroyed) return false;
  if (response.write(text)) return true;
  const given = AbortSignal.timeout(stalled);
  const left = new AbortController();
  const onClose = () => left.abort();
  response.once('close', onClose);
  try {
    await once(response, 'drain', { signal: AbortSignal.any([given, left.signal]) });
    return true;
  } catch (error) {
    if (given.aborted || left.signal.aborted) return false;
    throw error;
  } finally {
    response.off('close', onClose);
  }
}

export function openStreams(store: Store, times: StreamTimes = streamTimes): Streams {
  const pageAfter = sharedAnswers(async (since: number): Promise<Page> => {
    const { changes } = await store.feed.read(since, pageSize);
    return { changes, rights: await currentRights(store.db, store) };
  });
  let serving = 0;

  /** Everything there is after `since`. @returns where the reader stands then; undefined when it has left */
  const catchUp = async (response: ServerResponse, who: Principal, since: number) => {
    let at = since;
    for (;;) {
      const { changes, rights } = await pageAfter(at);
      const last = changes.at(-1);
      if (last === undefined) return at;
      const shown = visibleChanges(rights, who, changes);
      // An id without data moves the reader on without an event.
      const rest = shown.at(-1)?.seq === last.seq ? '' : `id: ${last.seq}\n\n`;
      if (!(await write(response, shown.map(frameOf).join('') + rest, times.stalled))) return undefined;
      at = last.seq;
      if (changes.length < pageSize) return at;
    }
  };

  return {
    count: () => serving,
    async answer({ request, response }, { principal, since, signal }) {
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      const over = AbortSignal.any([gone.signal, signal, AbortSignal.timeout(times.longest)]);
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      request.socket.setNoDelay(true);
      serving += 1;
      try {
        let at: number | undefined = since;
        let alive = await write(response, 'retry: 1000\n\n', times.stalled);
        while (alive && !over.aborted) {
          at = await catchUp(response, principal, at);
          if (at === undefined) break;
          const quiet = AbortSignal.timeout(times.heartbeat);
          const came = await store.feed.wait(at, AbortSignal.any([over, quiet])).then(
            () => true,
            (error: unknown) => {
              if (over.aborted || quiet.aborted) return false;
              throw error;
            },
          );
          if (!came && !over.aborted) alive = await write(response, ': still here\n\n', times.stalled);
        }
        if (at === undefined || !alive) response.destroy();
        else response.end();
      } finally {
        serving -= 1;
      }
    },
  };
}
