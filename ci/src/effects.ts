/**
 * What a turn of the reactor asked for: what becomes true with its records, inside its transaction, and what is
 * done after it.
 *
 * The token of a run is granted in the transaction that decides the run, and ends in the one that ends it, so that
 * neither costs a write of its own. Everything else may be done twice, and is done again after a crash.
 */
import type { Engine } from '@pipl/engine';
import type { Ticket } from '@pipl/packl';
import type { Registry } from '@pipl/registry';
import type { Kysely } from 'kysely';
import type { Effect } from './step/index.ts';
import type { CiTables } from './tables.ts';

const tokenLifetime = 24 * 60 * 60 * 1000;

interface Grants {
  readonly registry: Pick<Registry, 'issueRunToken' | 'revokeRunTokens'>;
  readonly effects: readonly Effect[];
  /** attempt → token: filled */
  readonly granted: Map<string, string>;
}

/** In the order in which they were asked for. */
export async function grantRuns({ registry, effects, granted }: Grants, tx: Kysely<CiTables>): Promise<void> {
  for (const effect of effects) {
    if (effect.do === 'revoke') await registry.revokeRunTokens(effect.attempt, tx);
    if (effect.do !== 'submit' || effect.ticket.reference !== undefined) continue;
    const { attempt, index, products } = effect.ticket;
    const expires = new Date(Date.now() + tokenLifetime);
    const packls = products.map(({ name }) => name);
    granted.set(attempt, await registry.issueRunToken({ attempt, index, packls, expires }, tx));
  }
}

interface Doing {
  readonly engine: Engine;
  readonly registry: Pick<Registry, 'url'>;
  readonly granted: ReadonlyMap<string, string>;
  readonly wakeAt: (at: string) => void;
  /** begins it: how it ends is heard later */
  readonly refer: (ticket: Ticket) => void;
}

/**
 * What is stopped makes room, so it goes first, unless it was only just asked for.
 * @returns attempts that were taken back or had begun: the engine knows which
 */
export async function doEffects(
  effects: readonly Effect[],
  { engine, registry, granted, wakeAt, refer }: Doing,
): Promise<readonly string[]> {
  const cancels = effects.flatMap((effect) => (effect.do === 'cancel' ? [effect.attempt] : []));
  const held = effects.findLast((effect) => effect.do === 'hold')?.held;
  if (held !== undefined) await engine.hold?.(held);
  const wakes = effects.flatMap((effect) => (effect.do === 'wake' ? [effect.at] : []));
  const takenBack = effects.flatMap((effect) =>
    effect.do === 'take-back' && engine.takeBack !== undefined ? [effect.attempt] : [],
  );
  await Promise.all(cancels.filter((attempt) => !granted.has(attempt)).map((one) => engine.cancel(one)));
  await Promise.all(
    effects.map(async (effect) => {
      // What was asked for and taken back in one turn need not be there for a moment, or somebody begins with it.
      if (effect.do !== 'submit' || takenBack.includes(effect.ticket.attempt)) return;
      if (effect.ticket.reference !== undefined) return refer(effect.ticket);
      const token = granted.get(effect.ticket.attempt) ?? '';
      await engine.submit(effect.ticket, { registry: registry.url, token });
    }),
  );
  await Promise.all(cancels.filter((attempt) => granted.has(attempt)).map((one) => engine.cancel(one)));
  await Promise.all(takenBack.map((one) => engine.takeBack?.(one)));
  const last = wakes.at(-1);
  if (last !== undefined) wakeAt(last);
  return takenBack;
}
