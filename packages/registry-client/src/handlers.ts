/** Handlers and what they did, as the HTTP API tells it. */
import type { ChangeHandler, ChangeOp, CheckResult, Handler, IndexName } from '@pipl/packl';
import type { Gate, HandlerGrant } from './index-words.ts';
import type { Ask } from './request.ts';

export interface HandlerView {
  readonly index: IndexName;
  readonly name: string;
  readonly kind: Handler['kind'];
  readonly promoteTo?: IndexName;
  /** has the owner of `promoteTo` granted it? */
  readonly granted?: boolean;
  /** as `.pipl` says it: for who may change it */
  readonly entry?: Handler;
  /** what it is at, what waits for a gate, what it gave up */
  readonly running: number;
  readonly held: number;
  readonly dead: number;
}

/** What an index asks for before a version is promoted into it. */
export interface GateView {
  readonly index: IndexName;
  /** in force; absent: none */
  readonly gate?: Gate;
  /** what `.pipl` says, where that is something else: edited by hand since the server started; null: none */
  readonly written?: Gate | null;
  /** handlers that may promote into it */
  readonly handlers: readonly HandlerGrant[];
  /** versions that a handler holds because of it */
  readonly waiting: number;
}

/** As `.pipl` writes it: `approval` says who, and whether one's own counts. */
export interface GateSettings {
  readonly checks?: true | readonly string[];
  readonly approval?: readonly string[] | { readonly by: readonly string[]; readonly self?: boolean };
  readonly approvals?: number;
}

export type HandlingState =
  | 'running'
  | 'judging'
  | 'promoting'
  | 'held'
  | 'refused'
  | 'promoted'
  | 'passed'
  | 'failed'
  | 'done'
  | 'superseded'
  | 'gone'
  | 'canceled'
  | 'dead';

/** One handler's answer to one change. */
export interface HandlingView {
  readonly id: string;
  readonly index: IndexName;
  readonly handler: string;
  readonly kind: ChangeHandler['kind'];
  readonly seq: number;
  readonly op: ChangeOp;
  readonly name: string;
  readonly version: string;
  readonly by: string;
  readonly state: HandlingState;
  readonly reason?: string;
  readonly promoteTo?: IndexName;
  /** what the gate misses, while it is held */
  readonly missing?: readonly string[];
  /** seq of the promotion */
  readonly promoted?: number;
  readonly trial?: true;
  /** the newest attempt of each thing it runs */
  readonly runs: readonly string[];
  /** the report of a QA handler, as far as it is there */
  readonly checks: readonly CheckResult[];
  readonly begunAt: string;
  readonly endedAt?: string;
}

export interface HandlingsAsk {
  readonly index?: IndexName;
  readonly handler?: string;
  readonly name?: string;
  readonly version?: string;
  readonly state?: HandlingState;
  readonly limit?: number;
}

export interface HandlersClient {
  handlers(): Promise<readonly HandlerView[]>;
  /** Written into `.pipl`. `restart`: it works only when the server was started again. */
  addHandler(index: IndexName, handler: Handler): Promise<{ handler: HandlerView; restart: boolean }>;
  removeHandler(index: IndexName, name: string): Promise<{ removed: boolean; restart: boolean }>;
  gates(): Promise<readonly GateView[]>;
  /** All of it: what is not given is not asked for. Written into `.pipl`, and in force at once. */
  setGate(index: IndexName, gate: GateSettings): Promise<GateView>;
  removeGate(index: IndexName): Promise<{ readonly index: IndexName }>;
  /** Runs it on a version that the index has; judges and promotes nothing. */
  testHandler(
    index: IndexName,
    what: { readonly handler: string; readonly name: string; readonly version: string },
  ): Promise<HandlingView>;
  /** Newest first. */
  handlings(ask?: HandlingsAsk): Promise<readonly HandlingView[]>;
  handling(id: string): Promise<HandlingView>;
  /** What was given up, failed or cancelled, again. */
  retryHandling(id: string): Promise<HandlingView>;
}

const api = '/-/pipl/v1';
const encode = encodeURIComponent;

export const handlersMethods = (json: <T>(ask: Ask) => Promise<T>): HandlersClient => {
  const post = <T>(path: string, body: object) => json<T>({ method: 'POST', path: `${api}${path}`, body });
  return {
    handlers: async () => (await json<{ handlers: HandlerView[] }>({ path: `${api}/handlers` })).handlers,
    addHandler: (index, handler) => post('/handlers', { index, handler }),
    removeHandler: (index, name) => post('/handlers/remove', { index, name }),
    gates: async () => (await json<{ gates: GateView[] }>({ path: `${api}/gates` })).gates,
    setGate: async (index, gate) => (await post<{ gate: GateView }>('/gates', { index, gate })).gate,
    removeGate: (index) => post('/gates/remove', { index }),
    testHandler: (index, what) => post('/handlers/test', { index, ...what }),
    handlings: async (ask = {}) =>
      (await json<{ handlings: HandlingView[] }>({ path: `${api}/handlings`, query: { ...ask } })).handlings,
    handling: (id) => json({ path: `${api}/handlings/${encode(id)}` }),
    retryHandling: (id) => post(`/handlings/${encode(id)}/retry`, {}),
  };
};
