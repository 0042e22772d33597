/** Gates of a project as its owner sees to them: what an index asks for before a version is promoted into it. */
import { piplError, type IndexName } from '@pipl/packl';
import type { GateSettings, GateView, RegistryClient } from '@pipl/registry-client';

export interface AskedGate {
  /** true: at least one, and all that report; else these */
  readonly checks?: true | readonly string[];
  /** users or groups whose approval counts; absent: who may promote */
  readonly approval?: readonly string[];
  /** how many of them; default 1 */
  readonly approvals?: number;
  /** one's own approval counts */
  readonly self?: boolean;
}

/** @throws PIPL_GATE_INVALID (exit 7), before anybody is asked */
export function gateFrom({ checks, approval, approvals, self = false }: AskedGate): GateSettings {
  if (self && approval === undefined) {
    throw piplError('invalid', 'PIPL_GATE_INVALID', {
      what: 'This gate does not say whose own approval counts.',
      why: "Without names, whoever may promote into the index approves, and one's own does not count.",
      hint: 'Name them: pipl proj gate set INDEX --approval root --self',
    });
  }
  return {
    ...(checks === undefined ? {} : { checks }),
    ...(approval === undefined ? {} : { approval: self ? { by: approval, self } : approval }),
    ...(approvals === undefined ? {} : { approvals }),
  };
}

/** All of the gate: what is not given is not asked for. In force at once, and written into `.pipl`. */
export const setGate = (client: RegistryClient, index: IndexName, gate: GateSettings): Promise<GateView> =>
  client.setGate(index, gate);

/** Whoever may publish to the index publishes there directly from now on. @throws PIPL_NO_GATE */
export const removeGate = (
  client: RegistryClient,
  index: IndexName,
): Promise<{ readonly index: IndexName }> => client.removeGate(index);
