/**
 * The environments a session is in: their order, their files, their variables, the actions that enter and
 * leave them, and what a wrapping one runs in the place of those inside it. It starts nothing itself.
 */
import { randomUUID } from 'node:crypto';

import { isWrapping, resolveFormatString } from '@pipl/openjd-model';
import type { Environment, SymbolTable, WrapHook } from '@pipl/openjd-model';

import type { PreparedAction } from './action-run.ts';
import { placeFiles } from './embedded-files.ts';
import type { PlacedFile } from './embedded-files.ts';
import { EnvironmentStack, checkVariables } from './environment-variables.ts';
import type { VariableChanges, Variables } from './environment-variables.ts';
import { EnvironmentOrderError } from './errors.ts';
import type { SessionLog } from './log.ts';
import { commandOf, prepareAction, timingOf, writeFiles } from './prepare-action.ts';
import type { ScriptedAction } from './prepare-action.ts';
import type { EnterEnvironment, RunTask } from './session-options.ts';
import { symbolsOfAction, symbolsOfSession } from './symbols.ts';
import type { ActionValues, SessionValues } from './symbols.ts';
import type { SessionFolders } from './working-directory.ts';
import { nameWrapped } from './wrapping.ts';
import type { Wrapped } from './wrapping.ts';

export interface Entered extends Pick<EnterEnvironment, 'stepName' | 'stepLet'> {
  readonly identifier: string;
  readonly environment: Environment;
  readonly files: readonly PlacedFile[];
}

/** What has to happen when an action starts; undefined: nothing is to be run. */
type Prepare = () => PreparedAction | undefined;

/** An action, and what a wrapping environment needs to know of it. */
interface Wrappable extends Omit<Wrapped, 'sessionVariables'> {
  readonly hook: WrapHook;
  readonly variables: Variables;
  readonly mayLeaveDaemons: boolean;
}

export class EnteredEnvironments {
  readonly #variables: EnvironmentStack;
  readonly #values: SessionValues;
  readonly #symbols: SymbolTable;
  readonly #folders: Pick<SessionFolders, 'files'>;
  readonly #log: SessionLog;
  readonly #entered: Entered[] = [];

  constructor(given: {
    variables: EnvironmentStack;
    values: SessionValues;
    folders: Pick<SessionFolders, 'files'>;
    log: SessionLog;
  }) {
    this.#variables = given.variables;
    this.#values = given.values;
    this.#symbols = symbolsOfSession(given.values);
    this.#folders = given.folders;
    this.#log = given.log;
  }

  /** Outermost first. */
  get identifiers(): readonly string[] {
    return this.#entered.map(({ identifier }) => identifier);
  }

  /**
   * Counts the environment as entered.
   * @throws EnvironmentOrderError (taken, or a second one that wraps), SessionValueError (a file name)
   */
  enter({
    environment,
    stepName,
    stepLet,
    identifier = `${this.#values.sessionId}:${randomUUID()}`,
  }: EnterEnvironment): Entered {
    if (this.identifiers.includes(identifier)) throw taken(identifier);
    const outer = this.#entered.find((one) => isWrapping(one.environment));
    if (outer && isWrapping(environment)) throw secondLayer(environment, outer.environment);
    const embedded = environment.script?.embeddedFiles ?? [];
    const files = placeFiles(embedded, () => this.#folders.files.makeFolder('environment'));
    const entered = { identifier, environment, stepName, stepLet, files } as Entered;
    this.#entered.push(entered);
    this.#variables.enter(identifier);
    return entered;
  }

  /** Counts the environment as left; its variables stay until its `onExit` knows them. @throws EnvironmentOrderError */
  leave(identifier: string): Entered {
    const last = this.#entered.at(-1);
    if (last?.identifier !== identifier) throw notNext(identifier, last);
    this.#entered.pop();
    return last;
  }

  /** Sets `variables`, then `onEnter` if there is one. */
  entering(entered: Entered, osEnvVars: VariableChanges | undefined): Prepare {
    return () => {
      const symbols = this.#symbolsOf(entered);
      this.#setVariables(entered, symbols);
      const variables = this.#variables.variables(osEnvVars);
      return this.#lifecycle(entered, { symbols, variables, position: 'onEnter' });
    };
  }

  /** `onExit` if there is one; it is the last to see the environment's variables. */
  exiting(entered: Entered, osEnvVars: VariableChanges | undefined): Prepare {
    return () => {
      const variables = this.#variables.variables(osEnvVars);
      try {
        return this.#lifecycle(entered, { symbols: this.#symbolsOf(entered), variables, position: 'onExit' });
      } finally {
        this.#variables.leave(entered.identifier);
      }
    };
  }

  /** A task's `onRun`. */
  running({ stepScript, stepName, stepLet, taskParameterValues, osEnvVars }: RunTask, files: PlacedFile[]) {
    const lets = [stepLet, stepScript.let];
    const values: ActionValues = { files, filesAs: 'Task.File', taskParameterValues, stepName, lets };
    const symbols = symbolsOfAction(this.#symbols, values, this.#values.rules);
    return this.#prepare({
      inner: { action: stepScript.actions.onRun, position: 'onRun', files, symbols },
      owner: { as: 'WrappedStep.Name', name: stepName ?? '' },
      hook: 'onWrapTaskRun',
      variables: this.#variables.variables(osEnvVars),
      mayLeaveDaemons: false,
    });
  }

  #symbolsOf({ environment, files, stepName, stepLet }: Entered): SymbolTable {
    const lets = [stepLet, environment.script?.let];
    const values: ActionValues = { files, filesAs: 'Env.File', stepName, lets };
    return symbolsOfAction(this.#symbols, values, this.#values.rules);
  }

  #lifecycle(
    { environment, files, identifier }: Entered,
    {
      symbols,
      variables,
      position,
    }: { symbols: SymbolTable; variables: Variables; position: 'onEnter' | 'onExit' },
  ): PreparedAction | undefined {
    const action = environment.script?.actions[position];
    // A hook stands for an action: where there is none, there is nothing to stand for.
    if (!action) return undefined;
    const hook = position === 'onEnter' ? 'onWrapEnvEnter' : 'onWrapEnvExit';
    const owner = { as: 'WrappedEnv.Name', name: environment.name } as const;
    const inner: ScriptedAction = { action, position, files, symbols };
    return this.#prepare({ inner, owner, hook, variables, mayLeaveDaemons: true }, identifier);
  }

  /** The action, or the hook of the environment around it. Nothing wraps its own actions. */
  #prepare({ inner, owner, hook, ...how }: Wrappable, identifier?: string): PreparedAction {
    const wrapper = this.#entered.find(({ environment }) => isWrapping(environment));
    const action = wrapper?.environment.script?.actions[hook];
    if (!wrapper || !action || wrapper.identifier === identifier) {
      return prepareAction(inner, how, this.#log);
    }
    this.#log.write('PROCESS_CONTROL', `${hook} of ${wrapper.environment.name} runs instead`);
    const plain: ScriptedAction = {
      action,
      position: hook,
      files: wrapper.files,
      symbols: this.#symbolsOf(wrapper),
    };
    writeFiles(plain, this.#log);
    const sessionVariables = this.#variables.setByEnvironments();
    const symbols = nameWrapped(plain.symbols, { inner, owner, sessionVariables }, this.#log);
    const named = { ...plain, symbols };
    return { program: { ...commandOf(named), ...how }, ...timingOf(named) };
  }

  #setVariables({ identifier, environment }: Entered, symbols: SymbolTable): void {
    for (const [name, text] of Object.entries(environment.variables ?? {})) {
      const value = resolveFormatString(text, symbols);
      checkVariables({ [name]: value });
      this.#log.write('PARAMETER_INFO', `Setting: ${name}=${value}`);
      this.#variables.change(identifier, name, value);
    }
  }
}

const secondLayer = (inner: Environment, outer: Environment) =>
  new EnvironmentOrderError(`The environment ${inner.name} cannot be entered inside ${outer.name}`, {
    why: 'Both wrap the actions inside them, and a session may have one such environment.',
    hint: 'Run the job without one of them.',
  });

const taken = (identifier: string) =>
  new EnvironmentOrderError(`The environment ${identifier} has already been entered`, {
    why: 'An identifier names one environment until it is left.',
    hint: 'Leave `identifier` out and use the one that enterEnvironment returns.',
  });

const notNext = (identifier: string, last: Entered | undefined) =>
  new EnvironmentOrderError(`The environment ${identifier} cannot be left now`, {
    why: last ? `The one to leave next is ${last.identifier}.` : 'No environment is entered.',
    hint: 'Leave environments in the reverse of the order in which they were entered.',
  });
