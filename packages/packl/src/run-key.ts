/** The name of a run: the same work has the same key, in any index, on any machine, whenever it is asked for. */
import { canonicalJson, shortHash } from './canonical.ts';
import type { Ticket } from './ticket.ts';

export interface RunKeyParts {
  readonly purpose: Ticket['purpose'];
  /** `sha512-…` of the task's tarball */
  readonly taskIntegrity: string;
  /** hash of the run lock */
  readonly lockHash: string;
  /** as the task packl states them, before defaults: the code that fills those in is in the lock */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** 32 hex digits. */
export const runKeyOf = ({ purpose, taskIntegrity, lockHash, parameters }: RunKeyParts): string =>
  shortHash(canonicalJson(['run', purpose, taskIntegrity, lockHash, parameters]));
