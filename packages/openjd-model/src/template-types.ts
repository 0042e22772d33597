/**
 * Templates, as people write them once they are known to be well formed. Strings may be format strings;
 * numbers are decimal text, so that nothing rounds them.
 */
import type { EndOfLine, ListParameterType, RangeConstraint } from './types.ts';

/** A positive whole number, or with FEATURE_BUNDLE_1 a format string that becomes one. */
export type SecondsOrFormat = number | string;

export interface CancelationTemplate {
  /** `TERMINATE`, `NOTIFY_THEN_TERMINATE`, or with FEATURE_BUNDLE_1 a format string that becomes one. */
  readonly mode: string;
  readonly notifyPeriodInSeconds?: SecondsOrFormat;
}

export interface ActionTemplate {
  readonly command: string;
  readonly args?: readonly string[];
  readonly timeout?: SecondsOrFormat;
  readonly cancelation?: CancelationTemplate;
}

export interface EmbeddedFileTemplate {
  readonly name: string;
  readonly type: 'TEXT';
  readonly filename?: string;
  readonly runnable?: boolean;
  readonly data: string;
  readonly endOfLine?: EndOfLine;
}

export interface StepScriptTemplate {
  readonly let?: readonly string[];
  readonly actions: { readonly onRun: ActionTemplate };
  readonly embeddedFiles?: readonly EmbeddedFileTemplate[];
}

export interface EnvironmentActionsTemplate {
  readonly onEnter?: ActionTemplate;
  readonly onWrapEnvEnter?: ActionTemplate;
  readonly onWrapTaskRun?: ActionTemplate;
  readonly onWrapEnvExit?: ActionTemplate;
  readonly onExit?: ActionTemplate;
}

export interface EnvironmentScriptTemplate {
  readonly let?: readonly string[];
  readonly actions: EnvironmentActionsTemplate;
  readonly embeddedFiles?: readonly EmbeddedFileTemplate[];
}

export interface NamedEnvironmentTemplate {
  readonly name: string;
  readonly description?: string;
  readonly script?: EnvironmentScriptTemplate;
  readonly variables?: Readonly<Record<string, string>>;
}

/** FEATURE_BUNDLE_1: a script without ceremony. */
export interface SimpleActionTemplate {
  readonly let?: readonly string[];
  readonly script: string;
  readonly args?: readonly string[];
  readonly timeout?: SecondsOrFormat;
  readonly cancelation?: CancelationTemplate;
}

export const interpreters = ['bash', 'python', 'cmd', 'powershell', 'node'] as const;
export type Interpreter = (typeof interpreters)[number];

export interface AmountRequirementTemplate {
  readonly name: string;
  readonly min?: string;
  readonly max?: string;
}

export interface AttributeRequirementTemplate {
  readonly name: string;
  readonly anyOf?: readonly string[];
  readonly allOf?: readonly string[];
}

export interface HostRequirementsTemplate {
  readonly amounts?: readonly AmountRequirementTemplate[];
  readonly attributes?: readonly AttributeRequirementTemplate[];
}

export interface ChunksTemplate {
  /** Decimal text or a format string, as is `targetRuntimeSeconds`. */
  readonly defaultTaskCount: string;
  readonly targetRuntimeSeconds?: string;
  readonly rangeConstraint: RangeConstraint;
}

/** A text is a range expression or a format string of one; a list has values or format strings of them. */
export type TaskParameterTemplate =
  | { readonly name: string; readonly type: 'INT'; readonly range: string | readonly string[] }
  | {
      readonly name: string;
      readonly type: 'FLOAT' | 'STRING' | 'PATH';
      readonly range: string | readonly string[];
    }
  | {
      readonly name: string;
      readonly type: 'CHUNK[INT]';
      readonly range: string | readonly string[];
      readonly chunks: ChunksTemplate;
    };

export interface StepParameterSpaceTemplate {
  readonly taskParameterDefinitions: readonly TaskParameterTemplate[];
  readonly combination?: string;
}

export interface StepTemplate extends Partial<Record<Interpreter, SimpleActionTemplate>> {
  readonly name: string;
  readonly description?: string;
  /** EXPR: `name = expression`. So are those of scripts. */
  readonly let?: readonly string[];
  readonly dependencies?: readonly { readonly dependsOn: string }[];
  readonly stepEnvironments?: readonly NamedEnvironmentTemplate[];
  readonly hostRequirements?: HostRequirementsTemplate;
  readonly parameterSpace?: StepParameterSpaceTemplate;
  readonly script?: StepScriptTemplate;
}

interface ParameterBasics {
  readonly name: string;
  readonly description?: string;
  readonly default?: string;
  readonly allowedValues?: readonly string[];
  readonly userInterface?: UserInterface;
}

interface LengthConstraints {
  readonly minLength?: number;
  readonly maxLength?: number;
}

interface ValueConstraints {
  readonly minValue?: string;
  readonly maxValue?: string;
}

export interface StringParameter extends ParameterBasics, LengthConstraints {
  readonly type: 'STRING';
}

export type ObjectType = 'FILE' | 'DIRECTORY';
export type DataFlow = 'NONE' | 'IN' | 'OUT' | 'INOUT';

export interface PathParameter extends ParameterBasics, LengthConstraints {
  readonly type: 'PATH';
  readonly objectType?: ObjectType;
  readonly dataFlow?: DataFlow;
}

export interface IntParameter extends ParameterBasics, ValueConstraints {
  readonly type: 'INT';
}

export interface FloatParameter extends ParameterBasics, ValueConstraints {
  readonly type: 'FLOAT';
}

/** EXPR. Values are `true` or `false`. */
export interface BoolParameter extends ParameterBasics {
  readonly type: 'BOOL';
}

/** EXPR. Values are range expressions; lengths are of their text. */
export interface RangeExprParameter extends ParameterBasics, LengthConstraints {
  readonly type: 'RANGE_EXPR';
}

/** What every item of a list must obey; lengths are those of texts or inner lists. */
export interface ItemConstraints extends LengthConstraints, ValueConstraints {
  readonly allowedValues?: readonly string[];
  readonly item?: ItemConstraints;
}

/** EXPR. Values are JSON; lengths count items. */
export interface ListParameter extends ParameterBasics, LengthConstraints {
  readonly type: ListParameterType;
  readonly item?: ItemConstraints;
  /** Of paths. */
  readonly objectType?: ObjectType;
  readonly dataFlow?: DataFlow;
}

export type JobParameter =
  | StringParameter
  | PathParameter
  | IntParameter
  | FloatParameter
  | BoolParameter
  | RangeExprParameter
  | ListParameter;

export interface FileFilter {
  readonly label: string;
  readonly patterns: readonly string[];
}

/** A hint for a form that asks for the value. Which fields it may have depends on type and control. */
export interface UserInterface {
  readonly control?: string;
  readonly label?: string;
  readonly groupLabel?: string;
  readonly decimals?: number;
  readonly singleStepDelta?: string;
  readonly fileFilters?: readonly FileFilter[];
  readonly fileFilterDefault?: FileFilter;
}

export interface JobTemplate {
  readonly specificationVersion: 'jobtemplate-2023-09';
  readonly extensions?: readonly string[];
  readonly name: string;
  readonly description?: string;
  readonly parameterDefinitions?: readonly JobParameter[];
  readonly jobEnvironments?: readonly NamedEnvironmentTemplate[];
  readonly steps: readonly StepTemplate[];
}

export interface EnvironmentTemplate {
  readonly specificationVersion: 'environment-2023-09';
  readonly extensions?: readonly string[];
  readonly parameterDefinitions?: readonly JobParameter[];
  readonly environment: NamedEnvironmentTemplate;
}
