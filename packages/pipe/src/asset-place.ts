/**
 * Where the assets of a run or of a workspace live: in a folder, or in the store that a packl brings.
 *
 * Whoever carries out a run loads no code of a packl. A store that is code runs as a process of its own
 * (`pipl-step store`), in the environment of the run or workspace; here is its other end.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  configLayers,
  entryPoints,
  errorFromBody,
  mergeConfig,
  type PacklGraph,
  piplError,
  specOf,
} from '@pipl/packl';
import type { AssetStoreService } from './asset-store.ts';
import { folderOf } from './discovery.ts';
import { folderStore } from './folder-store.ts';

/** What those who carry things out ask of a store. */
export type AssetPlace = Omit<AssetStoreService, 'get' | 'dispose'> & {
  /** the packl that brings it; undefined for a folder */
  readonly by: string | undefined;
  dispose(): Promise<void>;
};

export type PlaceChoice =
  | { readonly is: 'folder'; readonly root: string }
  /** `dir` of the packl: its own `@pipl/pipe` is what runs it */
  | { readonly is: 'packl'; readonly by: string; readonly dir: string };

/** @param root of the project's own store; asked only where it is what is used */
export function choosePlace(graph: PacklGraph | undefined, root: () => string): PlaceChoice {
  if (graph === undefined) return { is: 'folder', root: root() };
  const service = entryPoints(graph, 'services').get('asset_store');
  if (service !== undefined) return { is: 'packl', by: specOf(service.packl), dir: service.packl.dir };
  const layers = configLayers(graph).get('asset_store') ?? [];
  const code = layers.findLast(({ says }) => typeof says === 'string');
  if (code !== undefined) return { is: 'packl', by: code.packl, dir: code.dir };
  const { value } = mergeConfig(layers.map(({ packl, says }) => ({ packl, value: says as object as never })));
  const told = value['root'];
  return { is: 'folder', root: typeof told === 'string' ? told : root() };
}

export const folderPlace = (root: string): AssetPlace => ({
  ...folderStore(root),
  by: undefined,
  dispose: async () => undefined,
});

export interface StoreProcess {
  /** name@version */
  readonly by: string;
  readonly node: string;
  /** folders from which `@pipl/pipe` is looked for, as Node does */
  readonly from: readonly string[];
  readonly cwd: string;
  /** all of its environment */
  readonly env: NodeJS.ProcessEnv;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: unknown;
}

/** A store that a packl brings. It ends with `dispose`, and with this process. @throws PIPL_STORE */
export function startStore({ by, node, from, cwd, env }: StoreProcess): AssetPlace {
  const pipe = folderOf('@pipl/pipe', from);
  const script = pipe === undefined ? undefined : join(pipe, 'dist', 'pipl-step.js');
  if (script === undefined || !existsSync(script))
    throw broken(by, `@pipl/pipe is not installed in ${from.join(' or ')}.`);
  const child = spawn(node, [script, 'store'], { cwd, env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  const calls = new Calls(child, by);
  const call = <T>(method: string) =>
    ((...args: readonly unknown[]) => calls.make(method, args)) as (...args: never[]) => Promise<T>;
  return {
    by,
    resolve: call('resolve'),
    stat: call('stat'),
    put: call('put'),
    materialize: call('materialize'),
    verify: call('verify'),
    dispose: () => calls.end(),
  };
}

/** Questions on their way to a store, and what becomes of them when it ends. */
class Calls {
  readonly #child: ChildProcess;
  readonly #by: string;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #ended: Promise<void>;
  #next = 0;
  #said = '';
  #gone: Error | undefined;

  constructor(child: ChildProcess, by: string) {
    this.#child = child;
    this.#by = by;
    child.stderr?.on('data', (text: Buffer) => (this.#said = `${this.#said}${text.toString()}`.slice(-4000)));
    child.on('message', (answer) => this.#settle(answer as Answer));
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => this.#leave(error.message, resolve));
      // Not 'close': after a disconnect of ours Node does not emit it.
      child.once('exit', (code, signal) => this.#leave(`It ended with ${code ?? signal}.`, resolve));
    });
  }

  make(method: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    const id = this.#next++;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    this.#child.send({ id, method, args });
    return waiting.promise;
  }

  async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#ended;
  }

  #settle({ id, value, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(errorFromBody(error) ?? broken(this.#by, String(error)));
  }

  #leave(why: string, done: () => void): void {
    const last = this.#said.trim().split('\n').at(-1) ?? '';
    this.#gone = broken(this.#by, last === '' ? why : `${why} It said: ${last}`);
    for (const { reject } of this.#waiting.values()) reject(this.#gone);
    this.#waiting.clear();
    done();
  }
}

const broken = (by: string, why: string) =>
  piplError('invalid', 'PIPL_STORE', {
    what: `The asset store of ${by} does not work.`,
    why,
    hint: `Mend the service asset_store of ${by}, or leave ${by} out of the dependencies: then the project's own store is used.`,
  });
