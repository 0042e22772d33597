/**
 * The last products of a task that a run of it reads, put where its actions find them: as its inputs, one for each
 * slot that it asks for. Of a slot that has none yet the folder is there and empty.
 *
 * ```
 * previous/<slot>/<asset>/…
 * ```
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TicketInput } from '@pipl/packl';
import { placeInput, type Input, type InputsRequest } from './inputs.ts';
import { safeName } from './safe-name.ts';

export interface PlacedPrevious {
  /** slot → null where there was none */
  readonly products: Readonly<Record<string, Input | null>>;
  /** slot → its folder */
  readonly folders: Readonly<Record<string, string>>;
  /** with the digests that were checked out */
  readonly used: readonly (TicketInput & { readonly assets: Readonly<Record<string, string>> })[];
}

/** @throws what `fetchPackl` and the asset store throw */
export async function placePrevious(request: InputsRequest): Promise<PlacedPrevious> {
  const { ticket, dir } = request;
  const placed = await Promise.all(
    (ticket.field.previous ?? []).map(async (slot) => {
      const pin = ticket.previous?.find((one) => one.slot === slot);
      const folder = join(dir, safeName(slot));
      await mkdir(folder, { recursive: true });
      const found = pin === undefined ? undefined : await placeInput(pin, { ...request, dir: folder });
      return { slot, folder, found };
    }),
  );
  return {
    products: Object.fromEntries(placed.map(({ slot, found }) => [slot, found?.input ?? null])),
    folders: Object.fromEntries(placed.map(({ slot, folder }) => [slot, folder])),
    used: placed.flatMap(({ found }) =>
      found === undefined ? [] : [{ ...found.pin, assets: found.digests }],
    ),
  };
}
