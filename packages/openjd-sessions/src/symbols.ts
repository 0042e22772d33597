/**
 * The values that `{{ }}` can name inside a session.
 *
 * PATH values are mapped to this machine in `Param` and `Task.Param`; `RawParam` and
 * `Task.RawParam` keep what the submitter wrote.
 */
import { SymbolTable } from '@pipl/openjd-model';
import type { JobParameterValues, TaskParameterSet } from '@pipl/openjd-model';

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
}

export interface ActionValues {
  readonly files: readonly PlacedFile[];
  /** `Task.File.*` or `Env.File.*`. */
  readonly filesAs: 'Task.File' | 'Env.File';
  readonly taskParameterValues?: TaskParameterSet | undefined;
  readonly stepName?: string | undefined;
}

export function symbolsFor(session: SessionValues, action: ActionValues): SymbolTable {
  const symbols = new SymbolTable();
  addParameters(symbols, { values: session.jobParameterValues, prefix: '', rules: session.rules });
  symbols.set('Session.WorkingDirectory', session.workingDirectory);
  symbols.set('Session.HasPathMappingRules', session.rules.length > 0 ? 'true' : 'false');
  symbols.set('Session.PathMappingRulesFile', session.rulesFile);
  if (session.jobName !== undefined) symbols.set('Job.Name', session.jobName);
  if (action.stepName !== undefined) symbols.set('Step.Name', action.stepName);
  if (action.taskParameterValues) {
    addParameters(symbols, { values: action.taskParameterValues, prefix: 'Task.', rules: session.rules });
  }
  for (const { file, path } of action.files) symbols.set(`${action.filesAs}.${file.name}`, path);
  return symbols;
}

function addParameters(
  symbols: SymbolTable,
  {
    values,
    prefix,
    rules,
  }: { values: JobParameterValues | TaskParameterSet; prefix: string; rules: readonly PathMappingRule[] },
): void {
  for (const [name, { type, value }] of Object.entries(values)) {
    symbols.set(`${prefix}RawParam.${name}`, value);
    symbols.set(`${prefix}Param.${name}`, type === 'PATH' ? mapPath(value, rules) : value);
  }
}
