/**
 * Makes the scripts of a job from those of its template: how long actions may take and how they are canceled
 * is settled here; commands, arguments, files and variables are left to a session.
 */
import { fillText } from './fill.ts';
import { cancelationModes, secondsFault } from './read-action.ts';
import type { Place } from './reader.ts';
import type { SymbolTable } from './symbol-table.ts';
import type {
  ActionTemplate,
  CancelationTemplate,
  EnvironmentActionsTemplate,
  NamedEnvironmentTemplate,
  SecondsOrFormat,
  StepScriptTemplate,
} from './template-types.ts';
import type {
  Action,
  Cancelation,
  Environment,
  EnvironmentActions,
  StepScript,
  WrapAction,
} from './types.ts';
import { waitsForWrapped, wrapHooks } from './wrap-actions.ts';

interface Seconds {
  readonly symbols: SymbolTable;
  readonly field: string;
  readonly most?: number;
}

function fillSeconds(
  value: SecondsOrFormat | undefined,
  { symbols, field, most }: Seconds,
  place: Place,
): number | undefined {
  if (typeof value !== 'string') return value;
  const resolved = fillText(value, symbols, place);
  if (resolved === undefined) return undefined;
  const fault = secondsFault(resolved, field, most);
  if (fault !== undefined) place.say(fault);
  return Number(resolved);
}

function fillCancelation(
  { mode: written, notifyPeriodInSeconds }: CancelationTemplate,
  symbols: SymbolTable,
  place: Place,
): Cancelation | undefined {
  const text = fillText(written, symbols, place.at('mode'));
  if (text === undefined) return undefined;
  const mode = cancelationModes.find((one) => one === text);
  if (!mode) return place.at('mode').say(`must be ${cancelationModes.join(' or ')}, not '${text}'.`);
  if (mode === 'TERMINATE') return { mode };
  const most = place.rules.limits.notifyPeriodInSeconds;
  const field = 'notifyPeriodInSeconds';
  const period = fillSeconds(notifyPeriodInSeconds, { symbols, field, most }, place.at(field));
  return period === undefined ? { mode } : { mode, notifyPeriodInSeconds: period };
}

function createAction(template: ActionTemplate, symbols: SymbolTable, place: Place): Action {
  const { command, args, timeout, cancelation } = template;
  const filled = cancelation && fillCancelation(cancelation, symbols, place.at('cancelation'));
  const seconds = fillSeconds(timeout, { symbols, field: 'timeout' }, place.at('timeout'));
  return {
    command,
    ...(args ? { args } : {}),
    ...(seconds === undefined ? {} : { timeout: seconds }),
    ...(filled ? { cancelation: filled } : {}),
  };
}

/** As an action, but what names the wrapped action stays as it is written. */
function createWrapAction(template: ActionTemplate, symbols: SymbolTable, place: Place): WrapAction {
  const { timeout, cancelation, ...rest } = template;
  const waits = {
    timeout: waitsForWrapped(timeout),
    cancelation: Object.values(cancelation ?? {}).some(waitsForWrapped),
  };
  const settled: ActionTemplate = {
    ...rest,
    ...(timeout !== undefined && !waits.timeout && { timeout }),
    ...(cancelation && !waits.cancelation && { cancelation }),
  };
  return {
    ...createAction(settled, symbols, place),
    ...(timeout !== undefined && waits.timeout && { timeout }),
    ...(cancelation && waits.cancelation && { cancelation }),
  };
}

export function createStepScript(
  template: StepScriptTemplate,
  symbols: SymbolTable,
  place: Place,
): StepScript {
  const onRun = createAction(template.actions.onRun, symbols, place.at('actions', 'onRun'));
  return { ...template, actions: { onRun } };
}

function createActions(
  template: EnvironmentActionsTemplate,
  symbols: SymbolTable,
  place: Place,
): EnvironmentActions {
  const { onEnter, onExit } = template;
  const hooks = wrapHooks.flatMap((hook) => {
    const written = template[hook];
    return written ? [[hook, createWrapAction(written, symbols, place.at(hook))] as const] : [];
  });
  return {
    ...(onEnter ? { onEnter: createAction(onEnter, symbols, place.at('onEnter')) } : {}),
    ...Object.fromEntries(hooks),
    ...(onExit ? { onExit: createAction(onExit, symbols, place.at('onExit')) } : {}),
  };
}

export function createEnvironment(
  template: NamedEnvironmentTemplate,
  symbols: SymbolTable,
  place: Place,
): Environment {
  const { script, ...rest } = template;
  if (!script) return rest;
  const actions = createActions(script.actions, symbols, place.at('script', 'actions'));
  return { ...rest, script: { ...script, actions } };
}
