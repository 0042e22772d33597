/**
 * WRAP_ACTIONS: what an environment runs in the place of an action inside it.
 *
 * The wrapped action is prepared as if it ran: its files are written, its command is resolved where it
 * belongs. Then the hook runs, and knows it as `WrappedAction`. Source: RFC 0008.
 */
import { expressionTypes } from '@pipl/openjd-model';
import type { ExpressionValue, SymbolTable } from '@pipl/openjd-model';

import { commandOf, stopMethodOf, writeFiles } from './prepare-action.ts';
import type { ScriptedAction } from './prepare-action.ts';
import type { SessionLog } from './log.ts';

export interface Wrapped {
  readonly inner: ScriptedAction;
  /** The environment or the step whose action it is. */
  readonly owner: { readonly as: 'WrappedEnv.Name' | 'WrappedStep.Name'; readonly name: string };
  /** What environments set so far, the innermost last. */
  readonly sessionVariables: ReadonlyMap<string, string>;
}

const text = (value: string): ExpressionValue => ({ is: 'string', value });
const none: ExpressionValue = { is: 'nulltype' };

function list(items: readonly string[]): ExpressionValue {
  const bytes = items.reduce((total, item) => total + item.length, 0);
  return { is: 'list', items: items.map(text), of: expressionTypes.string, bytes };
}

const whole = (value: number | undefined): ExpressionValue =>
  value === undefined ? none : { is: 'int', value: BigInt(value) };

/** Writes the files of the wrapped action, and names it for the hook. @throws what a format string refuses */
export function nameWrapped(hook: SymbolTable, wrapped: Wrapped, log: SessionLog): SymbolTable {
  const { inner, owner, sessionVariables } = wrapped;
  writeFiles(inner, log);
  const { command, args } = commandOf(inner);
  const { timeout, cancelation } = inner.action;
  const method = cancelation ? stopMethodOf(inner) : undefined;
  const period = method?.mode === 'NOTIFY' ? method.periodSeconds : undefined;
  const mode = method && (method.mode === 'NOTIFY' ? 'NOTIFY_THEN_TERMINATE' : 'TERMINATE');
  const pairs = [...sessionVariables].map(([name, value]) => `${name}=${value}`);
  return hook
    .copy()
    .set('WrappedAction.Command', command)
    .set('WrappedAction.Args', list(args))
    .set('WrappedAction.Environment', list(pairs))
    .set('WrappedAction.Timeout', whole(typeof timeout === 'number' ? timeout : undefined))
    .set('WrappedAction.Cancelation.Mode', mode === undefined ? none : text(mode))
    .set('WrappedAction.Cancelation.NotifyPeriodInSeconds', whole(period))
    .set(owner.as, owner.name);
}
