/**
 * The handlers of a project at work: takes inputs one after the other, lets the pure decision decide, commits what it
 * decided, then does what it asked for. It stands beside the reactor: same feed, same engine, same ledger, its own
 * cursor and its own records.
 *
 * The feed's cursor is the truth: notifications are hints. Effects run after their commit; after a crash they follow
 * again from the records, once the feed was read to its head.
 */
import { EventEmitter, once } from 'node:events';
import type { Engine } from '@pipl/engine';
import {
  listensTo,
  piplError,
  type Change,
  type IndexName,
  type QaReport,
  type Row,
  type RunState,
  type View,
} from '@pipl/packl';
import type { Registry } from '@pipl/registry';
import type { Ledger } from '../ledger.ts';
import { isFinal } from '../reactor.ts';
import { promote, tell } from './asking.ts';
import { decideHandlers } from './decide.ts';
import { reportOf, templateOf } from './files.ts';
import { planHandling } from './plan.ts';
import { applyHandlers, handlerCursor, handlerMeta } from './state.ts';
import {
  isOver,
  type Declared,
  type HandlerEffect,
  type HandlerInput,
  type HandlerState,
  type Handling,
  type Plan,
} from './types.ts';

export interface HandlerParts {
  readonly registry: Registry;
  readonly ledger: Ledger;
  readonly engine: Engine;
  readonly state: HandlerState;
  readonly declared: readonly Declared[];
  /** folder of the project: templates of its own lie there */
  readonly project: string;
  /** PROJ/system/runs */
  readonly runsDir: string;
  /** What an index shows, at this change or later. */
  readonly viewAt: (index: IndexName, seq: number, signal: AbortSignal) => Promise<View>;
  readonly onFatal: (error: unknown) => void;
}

export interface HandlersAtWork {
  readonly state: HandlerState;
  readonly declared: readonly Declared[];
  take(input: HandlerInput): Promise<void>;
  /** @throws PiplError of a handling without runs when its handler is not declared any more */
  retry(id: string): Promise<void>;
  /** Another set of handlers, from now on. */
  declare(declared: readonly Declared[]): Promise<void>;
  /** Runs a handler on a version that is there; judges and promotes nothing. @returns the id of the handling */
  tryOut(one: Declared, row: Row, by: string): Promise<string>;
  start(): Promise<void>;
  close(): Promise<void>;
}

const feedPage = 200;
const tokenLifetime = 24 * 60 * 60 * 1000;

export function createHandlers(parts: HandlerParts): HandlersAtWork {
  const { registry, ledger, engine, onFatal } = parts;
  const stopping = new AbortController();
  const events = new EventEmitter().setMaxListeners(0);
  let { state, declared } = parts;
  let queue: Promise<void> = Promise.resolve();
  let following: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

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

  const stepOnce = async (input: HandlerInput): Promise<void> => {
    const before = state;
    const { writes, effects } = decideHandlers(before, input);
    if (writes.length > 0) {
      try {
        await ledger.commit(writes, () => {
          state = applyHandlers(before, writes);
        });
      } catch (error) {
        state = before;
        throw error;
      }
    }
    for (const effect of effects) await perform(effect);
    events.emit('step');
  };

  const perform = async (effect: HandlerEffect): Promise<void> => {
    switch (effect.do) {
      case 'submit': {
        const { ticket } = effect;
        const { attempt, index } = ticket;
        const expires = new Date(Date.now() + tokenLifetime);
        // It may read what its index shows, and publish nothing.
        const token = await registry.issueRunToken({ attempt, index, packls: [], expires });
        await engine.submit(ticket, { registry: registry.url, token });
        return;
      }
      case 'cancel':
        await engine.cancel(effect.attempt);
        return;
      case 'revoke':
        await registry.revokeRunTokens(effect.attempt);
        return;
      case 'judge':
      case 'promote': {
        const answer = effect.do === 'judge' ? await tell(registry, effect) : await promote(registry, effect);
        if (answer !== undefined) await stepOnce({ ...answer, at: now() });
        return;
      }
      case 'wake':
        clearTimeout(timer);
        timer = setTimeout(
          () => void serially(() => stepOnce({ is: 'tick', at: now() })),
          Math.max(0, Date.parse(effect.at) - Date.now()),
        );
        return;
    }
  };

  const planFor = async (one: Declared, change: Change, row: Row | undefined): Promise<Plan> => {
    const template = await templateOf(parts.project, one);
    const view = await parts.viewAt(one.index, change.seq, stopping.signal);
    return planHandling({
      declared: one,
      change,
      row,
      view,
      ...(template === undefined ? {} : { template }),
    });
  };

  /** Of what came to nothing that could be run: perhaps it can be by now. */
  const planAgain = async (handling: Handling | undefined): Promise<Plan | undefined> => {
    if (handling === undefined || handling.parts.length > 0 || !isOver(handling)) return undefined;
    const { index, handler, change } = handling;
    const one = declared.find((some) => some.index === index && some.name === handler);
    if (one === undefined) throw notDeclared(handling);
    return planFor(one, { ...change, index }, await registry.row(index, change.name, change.version));
  };

  const takeChange = async (change: Change): Promise<void> => {
    const { index, name, version } = change;
    const here = declared.filter((one) => one.index === index && version !== '');
    const row = here.length === 0 ? undefined : await registry.row(index, name, version);
    const pipl = row?.manifest.pipl;
    const type = pipl?.kind === 'task' || pipl?.kind === 'product' ? pipl.type : undefined;
    const { since } = handlerMeta(state);
    const plans: Plan[] = [];
    for (const one of here) {
      const isNew = change.seq > (since[`${one.name}@${one.index}`] ?? Infinity);
      if (!isNew || !listensTo(one.handler, { op: change.op, name, kind: pipl?.kind, type })) continue;
      plans.push(await planFor(one, change, row));
    }
    await stepOnce({ is: 'change', change, plans, at: now() });
  };

  const readFeed = async (): Promise<void> => {
    for (;;) {
      const { changes } = await registry.feed.read(handlerCursor(state), feedPage);
      if (changes.length === 0) return;
      for (const change of changes) await takeChange(change);
    }
  };

  /** With no handler to tell and nothing under way there is nothing to hear. */
  const isIdle = (): boolean => declared.length === 0 && [...state.records.handlings.values()].every(isOver);

  const follow = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      if (isIdle()) {
        await once(events, 'declared', { signal: stopping.signal });
        continue;
      }
      await serially(readFeed);
      await registry.feed.wait(handlerCursor(state), stopping.signal);
    }
  };

  const look = async (attempt: string): Promise<void> => {
    const run = state.records.handler_runs.get(attempt);
    if (run === undefined) return;
    const end = await engine.observe(attempt);
    if (end.is === 'running') await stepOnce({ is: 'run-started', attempt, at: end.startedAt ?? now() });
    if (!isFinal(end)) return;
    const report = await reportOf(parts.runsDir, run);
    const at = end.endedAt ?? now();
    await stepOnce({ is: 'run-ended', attempt, end, at, ...(report === undefined ? {} : { report }) });
  };

  const declare = async (next: readonly Declared[]): Promise<void> => {
    await inLine(async () => {
      declared = next;
      await stepOnce({ is: 'declared', handlers: next, head: await registry.feed.head(), at: now() });
    });
    events.emit('declared');
  };

  return {
    get state() {
      return state;
    },
    get declared() {
      return declared;
    },
    take: (input) => inLine(() => stepOnce(input)),
    async retry(id) {
      const plan = await planAgain(state.records.handlings.get(id));
      await inLine(() => stepOnce({ is: 'retry', id, ...(plan === undefined ? {} : { plan }), at: now() }));
      events.emit('declared');
    },
    declare,
    async tryOut(one, row, by) {
      const seq = await registry.feed.head();
      const { index, name, version, integrity } = row;
      const change: Change = { seq, index, op: 'publish', name, version, integrity, by, at: now() };
      const plan = await planFor(one, change, row);
      const before = new Set(state.records.handlings.keys());
      await inLine(() => stepOnce({ is: 'trial', change, plan, at: now() }));
      events.emit('declared');
      const made = [...state.records.handlings.values()].find(
        ({ id, trial, change: of }) =>
          !before.has(id) && trial === true && of.seq === seq && of.name === name,
      );
      return made!.id;
    },
    async start() {
      const begun = serially(async () => {
        await stepOnce({ is: 'declared', handlers: declared, head: await registry.feed.head(), at: now() });
        if (!isIdle()) await readFeed();
        const attempts: Record<string, { end: RunState; report?: QaReport }> = {};
        for (const run of state.records.handler_runs.values()) {
          if (run.state !== 'waiting' && run.state !== 'running' && run.state !== 'canceled') continue;
          const end = await engine.observe(run.attempt);
          const report = isFinal(end) ? await reportOf(parts.runsDir, run) : undefined;
          attempts[run.attempt] = { end, ...(report === undefined ? {} : { report }) };
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
    },
  };
}

const now = (): string => new Date().toISOString();

const notDeclared = ({ id, handler, index }: Handling) =>
  piplError('notFound', 'PIPL_NO_HANDLER', {
    what: `Handling ${id} cannot be tried again: ${index} has no handler ${handler} any more.`,
    why: 'It never had a run, so there is nothing but its handler that says what to do.',
    hint: '`pipl proj handler list` lists those there are.',
  });
