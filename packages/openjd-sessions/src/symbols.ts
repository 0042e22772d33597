/**
 * The values that `{{ }}` can name inside a session.
 *
 * PATH values are mapped to this machine in `Param` and `Task.Param`; `RawParam` and
 * `Task.RawParam` keep what the submitter wrote. With EXPR values have types, `apply_path_mapping`
 * exists, and the `let` of a step and of a script add names.
 */
import {
  SymbolTable,
  bindLets,
  hostLibrary,
  jobParameterSymbols,
  taskParameterSymbols,
} from '@pipl/openjd-model';
import type { ExpressionValue, JobParameterValues, TaskParameterSet } from '@pipl/openjd-model';

import type { PlacedFile } from './embedded-files.ts';
import { mapPath } from './path-mapping.ts';
import type { PathMappingRule } from './path-mapping.ts';

export interface SessionValues {
  readonly sessionId: string;
  readonly jobName: string | undefined;
  readonly jobParameterValues: JobParameterValues;
  readonly workingDirectory: string;
  readonly rulesFile: string;
  /** In the order they are tried. */
  readonly rules: readonly PathMappingRule[];
  /** Whether the job uses EXPR. Without it a value is the text that was given, to the letter. */
  readonly hasExpressions: boolean;
}

export interface ActionValues {
  readonly files: readonly PlacedFile[];
  /** `Task.File.*` or `Env.File.*`. */
  readonly filesAs: 'Task.File' | 'Env.File';
  readonly taskParameterValues?: TaskParameterSet | undefined;
  readonly stepName?: string | undefined;
  /** The `let` of the step, then that of the script. */
  readonly lets: readonly (readonly string[] | undefined)[];
}

/** The names that exist in every action of a session; made once. */
export function symbolsOfSession(session: SessionValues): SymbolTable {
  const symbols = session.hasExpressions ? typedParameters(session) : plainParameters(session);
  const { hasExpressions, rules } = session;
  symbols.set('Session.WorkingDirectory', pathOr(session.workingDirectory, hasExpressions));
  symbols.set(
    'Session.HasPathMappingRules',
    hasExpressions ? { is: 'bool', value: rules.length > 0 } : String(rules.length > 0),
  );
  symbols.set('Session.PathMappingRulesFile', pathOr(session.rulesFile, hasExpressions));
  if (session.jobName !== undefined) symbols.set('Job.Name', session.jobName);
  return symbols;
}

/** With the names of one action. @throws ExpressionInvalid if a `let` fails */
export function symbolsOfAction(
  ofSession: SymbolTable,
  action: ActionValues,
  rules: readonly PathMappingRule[],
): SymbolTable {
  const symbols = ofSession.copy();
  const hasExpressions = symbols.expressions !== undefined;
  if (action.stepName !== undefined) symbols.set('Step.Name', action.stepName);
  const { taskParameterValues: task } = action;
  if (task && hasExpressions) addAll(symbols, taskParameterSymbols(task, mapWith(rules)));
  else if (task) addPlain(symbols, { values: task, prefix: 'Task.', rules });
  for (const { file, path } of action.files) {
    symbols.set(`${action.filesAs}.${file.name}`, pathOr(path, hasExpressions));
  }
  return action.lets.reduce<SymbolTable>((outer, bindings) => bindLets(bindings, outer), symbols);
}

const mapWith = (rules: readonly PathMappingRule[]) => (path: string) => mapPath(path, rules);

const pathOr = (value: string, isTyped: boolean): string | ExpressionValue =>
  isTyped ? { is: 'path', value } : value;

function typedParameters({ jobParameterValues, rules }: SessionValues): SymbolTable {
  const map = mapWith(rules);
  const settings = { library: hostLibrary(map), pathFormat: 'POSIX' } as const;
  return new SymbolTable(jobParameterSymbols(jobParameterValues, map), settings);
}

function plainParameters({ jobParameterValues: values, rules }: SessionValues): SymbolTable {
  const symbols = new SymbolTable();
  addPlain(symbols, { values, prefix: '', rules });
  return symbols;
}

function addAll(symbols: SymbolTable, entries: Iterable<readonly [string, ExpressionValue]>): void {
  for (const [name, value] of entries) symbols.set(name, value);
}

interface PlainValues {
  readonly values: JobParameterValues | TaskParameterSet;
  readonly prefix: string;
  readonly rules: readonly PathMappingRule[];
}

function addPlain(symbols: SymbolTable, { values, prefix, rules }: PlainValues): void {
  for (const [name, { type, value }] of Object.entries(values)) {
    symbols.set(`${prefix}RawParam.${name}`, value);
    symbols.set(`${prefix}Param.${name}`, type === 'PATH' ? mapPath(value, rules) : value);
  }
}
