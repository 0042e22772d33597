/**
 * The reactor: takes what happened, lets the pure step decide, commits what it decided, then does what it asked
 * for.
 *
 * ```
 *  turn:  ask engines ─▶ read the feed to its head ─▶ decide, one input after the other ─▶ commit ─▶ effects
 * ```
 * Whatever came while a turn was under way is taken together in the next: one transaction for all of it, so that a
 * burst costs few writes to disk. The feed's cursor is the truth: notifications from the registry and from engines
 * are hints that make it look sooner. Effects run after their commit; after a crash they follow again from the
 * records. The state moves when a turn is decided, and back if that cannot be kept: a release guard never sees one
 * older than the database.
 */
import { EventEmitter } from 'node:events';
import type { Change, RunState, Ticket } from '@pipl/packl';
import type { Engine, Hint, Observation } from '@pipl/engine';
import { isAboutRow, type Registry } from '@pipl/registry';
import type { Ledger } from './ledger.ts';
import { doEffects, grantRuns } from './effects.ts';
import { noticesOf } from './notices.ts';
import { referTo } from './referring.ts';
import { advance, type Effect, type Input, type Live, type State, type Write } from './step/index.ts';

export interface ReactorParts {
  readonly registry: Registry;
  readonly ledger: Ledger;
  readonly engine: Engine;
  readonly state: Live;
  /** a bug or a broken disk: the server stops rather than go on with a state it cannot keep */
  readonly onFatal: (error: unknown) => void;
}

export interface Reactor {
  readonly state: Live;
  /** Takes an input, and does what follows from it. */
  take(input: Input): Promise<void>;
  /** Called after every turn that changed something; returns what ends it. */
  onStep(listener: () => void): () => void;
  /** Takes up what an earlier server left, then follows the feed. */
  start(): Promise<void>;
  close(): Promise<void>;
}

const feedPage = 200;
/** Milliseconds that news of a start waits for something else to be written with: nothing follows from it. */
const startsWait = 200;
/** Runs that an engine may still be busy with. One that was cancelled is: the server may have died before it said so. */
const maybeBusy = ['waiting', 'running', 'canceled'];

export const cursorOf = (state: State): number => state.records.meta.get('reactor')?.cursor ?? 0;

export function createReactor(parts: ReactorParts): Reactor {
  const { registry, ledger, engine, state, onFatal } = parts;
  const stopping = new AbortController();
  const events = new EventEmitter().setMaxListeners(0);
  const inbox: { readonly input: Input; readonly done: PromiseWithResolvers<void> }[] = [];
  /** attempts that are worth a look */
  const hinted = new Set<string>();
  let queue: Promise<void> = Promise.resolve();
  let isAsked = false;
  let following: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let starts: NodeJS.Timeout | undefined;

  /** One at a time; a failure ends the reactor. Never rejects. */
  const serially = (work: () => Promise<void>): Promise<void> => {
    queue = queue.then(work).catch((error: unknown) => {
      if (!stopping.signal.aborted) onFatal(error);
    });
    return queue;
  };

  /** Everything that came until it begins is taken; one more is enough for what comes later. */
  const askForTurn = (): void => {
    if (isAsked) return;
    isAsked = true;
    void serially(async () => {
      isAsked = false;
      await turn();
    });
  };

  const lookSoon = (attempt: string, what: Hint): void => {
    // When its actions began is not among the records.
    if (what === 'first-action') return;
    hinted.add(attempt);
    if (what === 'ended') askForTurn();
    else starts ??= setTimeout(askForTurn, startsWait);
  };

  const put = (input: Input): Promise<void> => {
    const done = Promise.withResolvers<void>();
    inbox.push({ input, done });
    askForTurn();
    return done.promise;
  };

  const wakeAt = (at: string): void => {
    clearTimeout(timer);
    const tick = () => void put({ is: 'tick', at: now() }).catch(() => undefined);
    timer = setTimeout(tick, Math.max(0, Date.parse(at) - Date.now()));
  };

  const refer = (ticket: Ticket): void => {
    const { signal } = stopping;
    void referTo({ registry, signal, put, onFatal }, ticket).catch(() => undefined);
  };

  const takeAll = async (inputs: readonly Input[]): Promise<void> => {
    const { writes, effects, takeBack } = decideAll(state, inputs);
    if (writes.length === 0 && effects.length === 0) return;
    const granted = new Map<string, string>();
    const notices = noticesOf(state, writes);
    try {
      await ledger.commit(writes, async (tx) => {
        await grantRuns({ registry, effects, granted }, tx);
        if (notices.length > 0) await registry.note(notices, tx);
      });
    } catch (error) {
      takeBack();
      throw error;
    }
    if (notices.length > 0) registry.rang();
    const answered = await doEffects(effects, { engine, registry, granted, wakeAt, refer });
    for (const attempt of answered) hinted.add(attempt);
    if (answered.length > 0) askForTurn();
    events.emit('step');
  };

  const inputOf = async (change: Change): Promise<Input> => {
    const { index, name, version, at } = change;
    const row = isAboutRow(change) ? await registry.row(index, name, version) : undefined;
    const indexes = change.op === 'index' ? await registry.indexes() : undefined;
    return {
      is: 'change',
      change,
      at,
      ...(row === undefined ? {} : { row }),
      ...(indexes === undefined ? {} : { indexes }),
    };
  };

  /** Takes all of the feed but its last page, which is returned: it shares a transaction with what else came. */
  const readFeed = async (): Promise<Input[]> => {
    for (;;) {
      const { changes, head } = await registry.feed.read(cursorOf(state), feedPage);
      const page: Input[] = [];
      for (const change of changes) page.push(await inputOf(change));
      if ((changes.at(-1)?.seq ?? head) >= head) return page;
      await takeAll(page);
    }
  };

  /** Success is told in the feed: an engine's word counts only after the feed was read to its head. */
  const turn = async (): Promise<void> => {
    clearTimeout(starts);
    starts = undefined;
    const asked = [...hinted];
    hinted.clear();
    const taken = inbox.splice(0);
    try {
      const seen = await Promise.all(
        asked.map(async (attempt) => ({ attempt, seen: await engine.observe(attempt) })),
      );
      const changes = await readFeed();
      await takeAll([
        ...seen.flatMap(startIn),
        ...changes,
        ...seen.flatMap(endIn),
        ...taken.map(({ input }) => input),
      ]);
      for (const { done } of taken) done.resolve();
    } catch (error) {
      for (const { done } of taken) done.reject(error);
      throw error;
    }
  };

  const follow = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await serially(turn);
      await registry.feed.wait(cursorOf(state), stopping.signal);
    }
  };

  return {
    state,
    take: put,
    onStep(listener) {
      events.on('step', listener);
      return () => events.off('step', listener);
    },
    async start() {
      const begun = serially(async () => {
        await takeAll(await readFeed());
        const attempts: Record<string, RunState> = {};
        for (const run of state.records.runs.values()) {
          if (maybeBusy.includes(run.state)) attempts[run.attempt] = await engine.observe(run.attempt);
        }
        await takeAll([{ is: 'started', attempts, at: now() }]);
      });
      // In line behind that look, but heard from now on: what ends meanwhile would never be hinted at again.
      engine.onHint?.(lookSoon);
      await begun;
      following = follow().catch((error: unknown) => {
        if (!stopping.signal.aborted) onFatal(error);
      });
    },
    async close() {
      stopping.abort();
      clearTimeout(timer);
      clearTimeout(starts);
      await following;
      await queue;
      await engine.close();
    },
  };
}

interface Decided {
  readonly writes: readonly Write[];
  readonly effects: readonly Effect[];
  takeBack(): void;
}

/** All or nothing: an error leaves the state as it was. */
function decideAll(state: Live, inputs: readonly Input[]): Decided {
  const writes: Write[] = [];
  const effects: Effect[] = [];
  const backs: (() => void)[] = [];
  const takeBack = (): void => {
    for (const back of backs.toReversed()) back();
  };
  try {
    for (const input of inputs) {
      if (isOldNews(state, input)) continue;
      const decision = advance(state, input);
      backs.push(decision.takeBack);
      for (const write of decision.writes) writes.push(write);
      for (const effect of decision.effects) effects.push(effect);
    }
  } catch (error) {
    takeBack();
    throw error;
  }
  return { writes, effects, takeBack };
}

/** What an engine tells of a run of which the same is known already: hints come twice. */
function isOldNews({ records }: State, input: Input): boolean {
  if (input.is !== 'run-started' && input.is !== 'run-ended') return false;
  const state = records.runs.get(input.attempt)?.state;
  return state !== 'waiting' && (state !== 'running' || input.is === 'run-started');
}

interface Seen {
  readonly attempt: string;
  readonly seen: Observation;
}

const startIn = ({ attempt, seen }: Seen): Input[] =>
  seen.is === 'running' ? [{ is: 'run-started', attempt, at: seen.startedAt ?? now() }] : [];

const endIn = ({ attempt, seen }: Seen): Input[] =>
  isFinal(seen) ? [{ is: 'run-ended', attempt, end: seen, at: seen.endedAt ?? now() }] : [];

/** The engine will say nothing else of that attempt. */
export const isFinal = ({ is }: RunState): boolean =>
  is === 'succeeded' || is === 'failed' || is === 'canceled' || is === 'lost' || is === 'taken-back';

const now = (): string => new Date().toISOString();
