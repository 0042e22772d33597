/** `pipl-step store`: the asset store of the packls that are installed here, asked over IPC by whoever carries out a run. */
import { PiplError, piplError } from '@pipl/packl';
import type { AssetStoreService } from './asset-store.ts';
import { services } from './services.ts';

const methods = ['resolve', 'stat', 'put', 'materialize', 'verify'] as const;

interface Question {
  readonly id: number;
  readonly method: (typeof methods)[number];
  readonly args: readonly unknown[];
}

/** Resolves when the other end has gone and the store is disposed of. */
export async function hostStore(): Promise<void> {
  if (process.send === undefined) throw new TypeError('pipl-step store is started by pipl.');
  const gone = new Promise<void>((resolve) => process.once('disconnect', resolve));
  const working = new Set<Promise<void>>();
  process.on('message', (question) => {
    const work = answer(question as Question, (told) => {
      if (process.connected) process.send?.(told);
    });
    working.add(work);
    void work.finally(() => working.delete(work));
  });
  await gone;
  await Promise.all(working);
  await services.dispose();
}

async function answer({ id, method, args }: Question, tell: (answer: object) => void): Promise<void> {
  try {
    const store = await services.get('asset_store');
    tell({ id, value: await ask(store, method, args) });
  } catch (error) {
    tell({ id, error: (error instanceof PiplError ? error : asRefusal(error)).toJSON() });
  }
}

async function ask(
  store: AssetStoreService,
  method: Question['method'],
  args: readonly unknown[],
): Promise<unknown> {
  const found = methods.includes(method) ? store[method] : undefined;
  if (typeof found === 'function')
    return (found as (...all: readonly unknown[]) => unknown).apply(store, [...args]);
  const { packl = '' } = services.list().find(({ name }) => name === 'asset_store') ?? {};
  throw piplError('invalid', 'PIPL_STORE', {
    what: `The asset store of ${packl} has no ${method}.`,
    why: `A store has ${methods.join(', ')} and get.`,
    hint: `Mend the service asset_store of ${packl}; the type AssetStoreService of @pipl/pipe says what it must do.`,
  });
}

function asRefusal(error: unknown): PiplError {
  const { packl = '' } = services.list().find(({ name }) => name === 'asset_store') ?? {};
  return piplError('invalid', 'PIPL_STORE', {
    what: `The asset store of ${packl} failed.`,
    why: error instanceof Error ? error.message : String(error),
    hint: `Mend the service asset_store of ${packl}.`,
    cause: error,
  });
}
