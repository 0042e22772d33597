/** What a webhook said to a delivery that a person asked for. */
import { piplError } from '@pipl/packl';
import type { Delivery } from '@pipl/project';

export const deliveryLine = ({ seq, delivered, status }: Delivery): string =>
  `${seq === 0 ? 'ping' : `change ${seq}`}\t${delivered ? 'delivered' : 'refused'}\t${status}`;

/** @throws PIPL_NOT_DELIVERED (exit 8) for the first that was refused */
export function refuseFailure(deliveries: readonly Delivery[], id: string): void {
  const failed = deliveries.find(({ delivered }) => !delivered);
  if (failed === undefined) return;
  throw piplError('unreachable', 'PIPL_NOT_DELIVERED', {
    what: `The webhook ${id} did not take ${failed.seq === 0 ? 'the ping' : `change ${failed.seq}`}.`,
    why: failed.status,
    hint: 'Look at the receiver, then try again.',
  });
}
