/** The name of a run: the same work has the same key, in any index, on any machine, whenever it is asked for. */
import { canonicalJson, shortHash } from './canonical.ts';
import type { Ticket, TicketInput } from './ticket.ts';

export interface RunKeyParts {
  readonly purpose: Ticket['purpose'];
  /** `sha512-…` of the task's tarball */
  readonly taskIntegrity: string;
  /** hash of the run lock */
  readonly lockHash: string;
  /** as the task packl states them, before defaults: the code that fills those in is in the lock */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Of a task that asks for its own last products. They are in no lock, so that they wake nobody; but what is made
   * of others is other work. */
  readonly previous?: readonly TicketInput[] | undefined;
}

/** 32 hex digits. */
export function runKeyOf({ purpose, taskIntegrity, lockHash, parameters, previous }: RunKeyParts): string {
  const parts = ['run', purpose, taskIntegrity, lockHash, parameters];
  if (previous === undefined) return shortHash(canonicalJson(parts));
  return shortHash(canonicalJson([...parts, previous.map(({ slot, integrity }) => [slot, integrity])]));
}
