/** Gates as people read them. Pure. */
import type { Gate, GateView } from '@pipl/registry-client';

function asksFor({ checks, approval, approvals, self }: Gate): string[] {
  const ofChecks =
    checks === undefined
      ? []
      : [checks === true ? 'checks: all that report' : `checks: ${checks.join(', ')}`];
  const count = approvals ?? (approval === undefined ? 0 : 1);
  const by = approval === undefined ? 'whoever may promote' : approval.join(', ');
  const own = self === true ? ", one's own too" : '';
  return [...ofChecks, ...(count === 0 ? [] : [`approvals: ${count} by ${by}${own}`])];
}

export const gateWords = (gate: Gate): string => asksFor(gate).join('; ') || 'promotion, and nothing else';

export function gateLine({ index, gate, handlers, waiting }: GateView): string {
  const by = handlers.map(({ handler, from }) => `${handler}@${from}`).join(', ');
  return [
    index,
    gate === undefined ? 'open' : gateWords(gate),
    by === '' ? '' : `promotes: ${by}`,
    waiting === 0 ? '' : `${waiting} waiting`,
  ]
    .join('\t')
    .trimEnd();
}

/** What keeps it from doing what one thinks that it does; undefined: nothing. */
export function gateTrouble({ index, gate, written, handlers }: GateView): string | undefined {
  if (written !== undefined) {
    const says = written === null ? 'no gate' : gateWords(written);
    return `.pipl says something else of ${index} (${says}): it counts from the next start of the server, or set it: pipl proj gate set ${index}`;
  }
  if (gate?.checks === undefined || handlers.length > 0) return undefined;
  return `no handler reports checks to ${index}: pipl proj handler add INDEX qa --promote-to ${index}`;
}
