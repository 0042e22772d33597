/**
 * The environments a session is in: their order, their files, their variables,
 * and the actions that enter and leave them. It starts nothing itself.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';

import { resolveFormatString } from '@pipl/openjd-model';
import type { Environment, SymbolTable } from '@pipl/openjd-model';

import type { ActionRequest } from './action-run.ts';
import { placeFiles } from './embedded-files.ts';
import type { PlacedFile } from './embedded-files.ts';
import { EnvironmentStack, checkVariables } from './environment-variables.ts';
import type { VariableChanges } from './environment-variables.ts';
import { EnvironmentOrderError } from './errors.ts';
import type { SessionLog } from './log.ts';
import {
  defaultExitTimeoutSeconds,
  defaultNotifySeconds,
  prepareAction,
  stopMethodOf,
} from './prepare-action.ts';
import type { EnterEnvironment } from './session-options.ts';
import { symbolsFor } from './symbols.ts';
import type { SessionValues } from './symbols.ts';

export interface Entered {
  readonly identifier: string;
  readonly environment: Environment;
  readonly files: readonly PlacedFile[];
  readonly stepName: string | undefined;
}

type EnvironmentAction = Pick<ActionRequest, 'prepare' | 'stopMethod'>;

export class EnteredEnvironments {
  readonly #variables: EnvironmentStack;
  readonly #values: SessionValues;
  readonly #filesDirectory: string;
  readonly #log: SessionLog;
  readonly #entered: Entered[] = [];

  constructor(given: {
    variables: EnvironmentStack;
    values: SessionValues;
    filesDirectory: string;
    log: SessionLog;
  }) {
    this.#variables = given.variables;
    this.#values = given.values;
    this.#filesDirectory = given.filesDirectory;
    this.#log = given.log;
  }

  /** Outermost first. */
  get identifiers(): readonly string[] {
    return this.#entered.map(({ identifier }) => identifier);
  }

  /** Counts the environment as entered. @throws EnvironmentOrderError, SessionValueError (a file name) */
  enter({
    environment,
    stepName,
    identifier = `${this.#values.sessionId}:${randomUUID()}`,
  }: EnterEnvironment): Entered {
    if (this.identifiers.includes(identifier)) throw taken(identifier);
    const embedded = environment.script?.embeddedFiles ?? [];
    const folder = embedded.length > 0 ? mkdtempSync(join(this.#filesDirectory, 'environment')) : '';
    const entered = { identifier, environment, stepName, files: placeFiles(embedded, folder) };
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
  entering(entered: Entered, osEnvVars: VariableChanges | undefined): EnvironmentAction {
    return this.#action(entered, 'onEnter', (symbols) => {
      this.#setVariables(entered, symbols);
      return this.#variables.variables(osEnvVars);
    });
  }

  /** `onExit` if there is one; it is the last to see the environment's variables. */
  exiting(entered: Entered, osEnvVars: VariableChanges | undefined): EnvironmentAction {
    return this.#action(entered, 'onExit', () => {
      const variables = this.#variables.variables(osEnvVars);
      this.#variables.leave(entered.identifier);
      return variables;
    });
  }

  #action(
    { environment, files, stepName }: Entered,
    hook: 'onEnter' | 'onExit',
    variablesFor: (symbols: SymbolTable) => Record<string, string>,
  ): EnvironmentAction {
    const action = environment.script?.actions[hook];
    const prepare = () => {
      const symbols = symbolsFor(this.#values, { files, filesAs: 'Env.File', stepName });
      const variables = variablesFor(symbols);
      if (!action) return undefined;
      const limit = hook === 'onExit' ? { defaultTimeoutSeconds: defaultExitTimeoutSeconds } : {};
      return prepareAction({ action, files, symbols, variables, mayLeaveDaemons: true, ...limit }, this.#log);
    };
    return {
      prepare,
      stopMethod: action ? stopMethodOf(action, defaultNotifySeconds.environment) : { mode: 'TERMINATE' },
    };
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
