/**
 * The reactor: takes inputs one after the other, lets the pure step decide, commits what it decided, then
 * does what it asked for.
 *
 * The feed's cursor is the truth: notifications from the registry and from engines are hints that make it
 * look sooner. Effects run after their commit; after a crash they follow again from the records (`started`).
 * What a step decided is set inside its transaction, so a release guard never sees a state older than the
 * database.
 */
import type { Change } from '@pipl/packl';
import type { Engine } from '@pipl/engine';
import type { Registry } from '@pipl/registry';
import type { Ledger } from './ledger.ts';
import { apply, decide, type Effect, type Input, type State } from './step/index.ts';

export interface ReactorParts {
  readonly registry: Registry;
  readonly ledger: Ledger;
  readonly engine: Engine;
  readonly state: State;
  readonly cursor: number;
  /** a bug or a broken disk: the server stops rather than go on with a state it cannot keep */
  readonly onFatal: (error: unknown) => void;
}

export interface Reactor {
  readonly state: State;
  /** the last change that was taken */
  readonly cursor: number;
  /** Takes an input and does what follows from it. */
  take(input: Input): Promise<void>;
  close(): Promise<void>;
}

const feedPage = 200;
const tokenLifetime = 24 * 60 * 60 * 1000;

export function startReactor(parts: ReactorParts): Reactor {
  const { registry, ledger, engine } = parts;
  const stopping = new AbortController();
  let state = parts.state;
  let cursor = parts.cursor;
  let last: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  /** Inputs one after the other; a failure inside is fatal, never forgotten. */
  const serially = (work: () => Promise<void>): Promise<void> => {
    last = last.then(work).catch((error: unknown) => {
      if (!stopping.signal.aborted) parts.onFatal(error);
    });
    return last;
  };

  const commit = async (input: Input, change?: Change): Promise<readonly Effect[]> => {
    const before = state;
    const reached = cursor;
    const { writes, effects } = decide(state, input);
    try {
      await ledger.commit({
        writes,
        ...(change === undefined ? {} : { cursor: change.seq }),
        inside: () => {
          state = apply(before, writes);
          if (change !== undefined) cursor = change.seq;
        },
      });
    } catch (error) {
      state = before;
      cursor = reached;
      throw error;
    }
    return effects;
  };

  const perform = async (effects: readonly Effect[]): Promise<void> => {
    for (const effect of effects) await performOne(effect);
  };

  const performOne = async (effect: Effect): Promise<void> => {
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
        wakeAt(effect.at);
        return;
    }
  };

  const wakeAt = (at: string): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void take({ is: 'tick', at: now() }), Math.max(0, Date.parse(at) - Date.now()));
  };

  const take = (input: Input): Promise<void> => serially(async () => perform(await commit(input)));

  const takeChange = async (change: Change): Promise<void> => {
    const row =
      change.version === '' ? undefined : await registry.row(change.index, change.name, change.version);
    const input: Input = { is: 'change', change, ...(row === undefined ? {} : { row }), at: change.at };
    await perform(await commit(input, change));
  };

  const follow = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const { changes } = await registry.feed.read(cursor, feedPage);
      for (const change of changes) await serially(() => takeChange(change));
      if (changes.length === 0) await registry.feed.wait(cursor, stopping.signal);
    }
  };

  engine.onHint?.((attempt) => void look(attempt));
  const look = async (attempt: string): Promise<void> => {
    const seen = await engine.observe(attempt);
    if (seen.is === 'running') await take({ is: 'run-started', attempt, at: now() });
    if (seen.is === 'failed' || seen.is === 'canceled' || seen.is === 'lost') {
      await take({ is: 'run-ended', attempt, end: seen, at: now() });
    }
  };

  const following = follow().catch((error: unknown) => {
    if (!stopping.signal.aborted) parts.onFatal(error);
  });

  return {
    get state() {
      return state;
    },
    get cursor() {
      return cursor;
    },
    take,
    async close() {
      stopping.abort();
      clearTimeout(timer);
      await following;
      await last;
      await engine.close();
    },
  };
}

const now = (): string => new Date().toISOString();
