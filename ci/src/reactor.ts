/**
 * The reactor: takes inputs one after the other, lets the pure step decide, commits what it decided, then
 * does what it asked for.
 *
 * The feed's cursor is the truth: notifications from the registry and from engines are hints that make it
 * look sooner. Effects run after their commit; after a crash they follow again from the records. What a step
 * decided is set inside its transaction, so a release guard never sees a state older than the database.
 */
import { EventEmitter } from 'node:events';
import type { Change, RunState } from '@pipl/packl';
import type { Engine } from '@pipl/engine';
import type { Registry } from '@pipl/registry';
import type { Ledger } from './ledger.ts';
import { apply, decide, type Effect, type Input, type State } from './step/index.ts';

export interface ReactorParts {
  readonly registry: Registry;
  readonly ledger: Ledger;
  readonly engine: Engine;
  readonly state: State;
  /** a bug or a broken disk: the server stops rather than go on with a state it cannot keep */
  readonly onFatal: (error: unknown) => void;
}

export interface Reactor {
  readonly state: State;
  /** Takes an input, and does what follows from it. */
  take(input: Input): Promise<void>;
  /** Called after every step; returns what ends it. */
  onStep(listener: () => void): () => void;
  /** Takes up what an earlier server left, then follows the feed. */
  start(): Promise<void>;
  close(): Promise<void>;
}

const feedPage = 200;
const tokenLifetime = 24 * 60 * 60 * 1000;
/** Runs that an engine may still be busy with. One that was cancelled is: the server may have died before it said so. */
const maybeBusy = ['waiting', 'running', 'canceled'];

export const cursorOf = (state: State): number => state.records.meta.get('reactor')?.cursor ?? 0;

export function createReactor(parts: ReactorParts): Reactor {
  const { registry, ledger, engine, onFatal } = parts;
  const stopping = new AbortController();
  const events = new EventEmitter().setMaxListeners(0);
  let state = parts.state;
  let queue: Promise<void> = Promise.resolve();
  let following: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  /** One at a time; a failure ends the reactor, and whoever asked for the work is told. */
  const inLine = (work: () => Promise<void>): Promise<void> => {
    const done = queue.then(work);
    queue = done.catch((error: unknown) => {
      if (!stopping.signal.aborted) onFatal(error);
    });
    return done;
  };
  /** For what nobody waits for. */
  const serially = (work: () => Promise<void>): Promise<void> => {
    void inLine(work).catch(() => undefined);
    return queue;
  };

  const stepOnce = async (input: Input): Promise<void> => {
    const before = state;
    const { writes, effects } = decide(before, input);
    try {
      await ledger.commit(writes, () => {
        state = apply(before, writes);
      });
    } catch (error) {
      state = before;
      throw error;
    }
    for (const effect of effects) await perform(effect);
    events.emit('step');
  };

  const perform = async (effect: Effect): Promise<void> => {
    switch (effect.do) {
      case 'submit': {
        const { ticket } = effect;
        const token = await registry.issueRunToken({
          attempt: ticket.attempt,
          index: ticket.index,
          packls: ticket.products.map(({ name }) => name),
          expires: new Date(Date.now() + tokenLifetime),
        });
        await engine.submit(ticket, { registry: registry.url, token });
        return;
      }
      case 'cancel':
        await engine.cancel(effect.attempt);
        return;
      case 'revoke':
        await registry.revokeRunTokens(effect.attempt);
        return;
      case 'wake':
        clearTimeout(timer);
        timer = setTimeout(
          () => void serially(() => stepOnce({ is: 'tick', at: now() })),
          Math.max(0, Date.parse(effect.at) - Date.now()),
        );
        return;
    }
  };

  const takeChange = async (change: Change): Promise<void> => {
    const { index, name, version, at } = change;
    const row = version === '' ? undefined : await registry.row(index, name, version);
    const indexes = change.op === 'index' ? await registry.indexes() : undefined;
    await stepOnce({
      is: 'change',
      change,
      at,
      ...(row === undefined ? {} : { row }),
      ...(indexes === undefined ? {} : { indexes }),
    });
  };

  const readFeed = async (): Promise<void> => {
    for (;;) {
      const { changes } = await registry.feed.read(cursorOf(state), feedPage);
      if (changes.length === 0) return;
      for (const change of changes) await takeChange(change);
    }
  };

  const follow = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await serially(readFeed);
      await registry.feed.wait(cursorOf(state), stopping.signal);
    }
  };

  /** Success is told in the feed: an engine's word counts only after the feed was read to its head. */
  const look = async (attempt: string): Promise<void> => {
    const seen = await engine.observe(attempt);
    if (seen.is === 'running') await stepOnce({ is: 'run-started', attempt, at: seen.startedAt ?? now() });
    if (!isFinal(seen)) return;
    await readFeed();
    await stepOnce({ is: 'run-ended', attempt, end: seen, at: seen.endedAt ?? now() });
  };

  return {
    get state() {
      return state;
    },
    take: (input) => inLine(() => stepOnce(input)),
    onStep(listener) {
      events.on('step', listener);
      return () => events.off('step', listener);
    },
    async start() {
      const begun = serially(async () => {
        await readFeed();
        const attempts: Record<string, RunState> = {};
        for (const run of state.records.runs.values()) {
          if (maybeBusy.includes(run.state)) attempts[run.attempt] = await engine.observe(run.attempt);
        }
        await stepOnce({ is: 'started', attempts, at: now() });
      });
      // In line behind that look, but heard from now on: what ends meanwhile would never be hinted at again.
      engine.onHint?.((attempt) => void serially(() => look(attempt)));
      await begun;
      following = follow().catch((error: unknown) => {
        if (!stopping.signal.aborted) onFatal(error);
      });
    },
    async close() {
      stopping.abort();
      clearTimeout(timer);
      await following;
      await queue;
      await engine.close();
    },
  };
}

const isFinal = ({ is }: RunState): boolean =>
  is === 'succeeded' || is === 'failed' || is === 'canceled' || is === 'lost';

const now = (): string => new Date().toISOString();
