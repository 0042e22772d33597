/** Whether the server could acknowledge a publish now: the database takes a write, the blobs are there. */
import type { Database } from '../state/tables.ts';

export interface Health {
  readonly ok: boolean;
  /** what was looked at: `ok`, or the code of what is wrong */
  readonly database: string;
  readonly blobs: string;
}

/** Milliseconds. Whoever asks more often gets the same answer: asking costs a write. */
const fresh = 1_000;
/** Milliseconds. A disk or a database that hangs is not healthy. */
const patience = 3_000;

const codeOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.name : 'unknown');

async function checked(work: () => Promise<unknown>): Promise<string> {
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => late.resolve('timeout'), patience);
  try {
    const done = work().then(() => 'ok', codeOf);
    return await Promise.race([done, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** @param blobs looks whether they can be written */
export function openHealth(db: Database, blobs: () => Promise<unknown>): () => Promise<Health> {
  let last: { at: number; health: Promise<Health> } | undefined;
  const look = async (): Promise<Health> => {
    const [database, files] = await Promise.all([
      checked(() =>
        db
          .updateTable('registry_head')
          .set((expression) => ({ seq: expression.ref('seq') }))
          .where('id', '=', 1)
          .execute(),
      ),
      checked(blobs),
    ]);
    return { ok: database === 'ok' && files === 'ok', database, blobs: files };
  };
  return () => {
    const now = performance.now();
    if (last === undefined || now - last.at > fresh) last = { at: now, health: look() };
    return last.health;
  };
}
