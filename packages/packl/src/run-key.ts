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

/** Parameters stay as they are while their task is: told once. */
const texts = new WeakMap<object, string>();

function textOf(parameters: RunKeyParts['parameters']): string {
  const text = texts.get(parameters) ?? canonicalJson(parameters);
  texts.set(parameters, text);
  return text;
}

/** 32 hex digits: of the canonical JSON of `['run', purpose, task integrity, lock hash, parameters]`. */
export function runKeyOf({ purpose, taskIntegrity, lockHash, parameters }: RunKeyParts): string {
  const [of, task, lock] = [purpose, taskIntegrity, lockHash].map((one) => JSON.stringify(one));
  return shortHash(`["run",${of},${task},${lock},${textOf(parameters)}]`);
}
