/**
 * What a task made last, as its steps see it. A task asks for it in its package.json (`"previous": ["frames"]`); it is
 * whatever was there when the run started, and a newer one wakes nobody.
 */
import type { WrittenInput } from './context.ts';
import { inputOf, type InputProduct } from './inputs.ts';
import type { Makes } from './product-types.ts';

export type Previous<M extends Makes> = {
  /** undefined: there was none yet, it lacks what its type has now, or the task does not ask for it */
  readonly [Slot in keyof M]?: InputProduct<M[Slot]>;
};

export function previousOf(
  makes: Makes,
  written: Readonly<Record<string, WrittenInput | null>> = {},
): Previous<Makes> {
  const found = Object.entries(makes).flatMap(([slot, type]) => {
    const last = written[slot] ?? undefined;
    const isWhole = Object.entries(type.assets).every(
      ([asset, { kind }]) => last?.assets[asset]?.kind === kind,
    );
    return last !== undefined && isWhole ? [[slot, inputOf(slot, type, last)] as const] : [];
  });
  return Object.fromEntries(found);
}
