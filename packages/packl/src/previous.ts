/**
 * The last products of a task that a run of it reads, pinned when the run starts.
 *
 * They are in no lock and in no boundary: a new version of its own product never wakes a task. What counts as the
 * last one is what whoever asks for the name without a wish of their own gets at that moment, also where a person
 * published it.
 */
import { productOf } from './manifest.ts';
import type { TaskField } from './manifest.ts';
import { pick } from './pick.ts';
import type { TicketInput } from './ticket.ts';
import type { View } from './view.ts';

/** @returns undefined for a task that asks for none; a slot of which there is no version yet is left out */
export function pinPrevious(view: View, { previous, products }: TaskField): TicketInput[] | undefined {
  return previous?.flatMap((slot) => {
    const name = products[slot];
    const row = name === undefined || !view.has(name) ? undefined : pick(view, name, '*');
    if (row === undefined || productOf(row.manifest) === undefined) return [];
    return [{ slot, name: row.name, version: row.version, integrity: row.integrity }];
  });
}
