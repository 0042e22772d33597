/** Puts the handlers of a project together: what `.pipl` says, what was kept, and what the reactor sees. */
import type { Engine } from '@pipl/engine';
import { handlerName, indexName, type Handlers, type IndexName, type View } from '@pipl/packl';
import type { Registry } from '@pipl/registry';
import type { Ledger } from '../ledger.ts';
import { readProject } from '../project-file.ts';
import { cursorOf, type Reactor } from '../reactor.ts';
import { wholeView, type StoredRecord } from '../step/index.ts';
import { createHandlers, type HandlersAtWork } from './shell.ts';
import { loadHandlers } from './state.ts';
import type { Declared } from './types.ts';

export interface Beginning {
  readonly registry: Registry;
  readonly ledger: Ledger;
  readonly engine: Engine;
  readonly reactor: Reactor;
  readonly records: readonly StoredRecord[];
  /** folder of the project */
  readonly project: string;
  readonly runsDir: string;
  readonly onFatal: (error: unknown) => void;
}

/** `.pipl` is read again: handlers may have been changed since the server started. */
export async function beginHandlers({ records, reactor, ...parts }: Beginning): Promise<HandlersAtWork> {
  const { handlers } = await readProject(parts.project);
  return createHandlers({
    ...parts,
    state: loadHandlers(records),
    declared: declaredIn(handlers),
    viewAt: viewsOf(reactor),
  });
}

/** Those that react to changes. */
export const declaredIn = (handlers: Handlers): Declared[] =>
  Object.entries(handlers).flatMap(([index, list]) =>
    list.flatMap((handler) =>
      handler.kind === 'process' ? [] : [{ index: indexName(index), name: handlerName(handler), handler }],
    ),
  );

/** What the registry shows, what a wave must not see yet included, once the reactor has taken the change. */
const viewsOf =
  (reactor: Reactor) =>
  async (index: IndexName, seq: number, signal: AbortSignal): Promise<View> => {
    const isThere = () => cursorOf(reactor.state) >= seq;
    if (!isThere()) {
      await new Promise<void>((resolve, reject) => {
        const done = () => {
          stop();
          signal.removeEventListener('abort', done);
          if (signal.aborted) reject(signal.reason as Error);
          else resolve();
        };
        const stop = reactor.onStep(() => {
          if (isThere()) done();
        });
        signal.addEventListener('abort', done, { once: true });
        if (signal.aborted || isThere()) done();
      });
    }
    return wholeView(reactor.state, index);
  };
