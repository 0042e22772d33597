/**
 * What a template may do, by the extensions it asks for: limits and permissions in one table.
 *
 * Whoever reads a template asks the rules and never the list of extensions, so an extension that only
 * widens a limit is one line here.
 */

/** Those this package implements. A caller may support fewer, never more. */
export const implementedExtensions = [
  'TASK_CHUNKING',
  'REDACTED_ENV_VARS',
  'FEATURE_BUNDLE_1',
  'EXPR',
  'WRAP_ACTIONS',
] as const;

export type Extension = (typeof implementedExtensions)[number];

/** Lengths are in characters (code points), counts in elements. */
export interface Limits {
  readonly identifier: number;
  readonly jobName: number;
  readonly stepOrEnvironmentName: number;
  readonly description: number;
  readonly jobParameters: number;
  readonly environmentTemplateParameters: number;
  readonly parameterText: number;
  readonly label: number;
  readonly fileFilters: number;
  readonly fileFilterPatterns: number;
  readonly fileFilterPattern: number;
  readonly taskParameters: number;
  readonly rangeItems: number;
  readonly taskParameterText: number;
  readonly combination: number;
  readonly filename: number;
  readonly variableName: number;
  readonly variableValue: number;
  readonly hostRequirements: number;
  readonly capabilityName: number;
  readonly attributeValue: number;
  readonly attributeValues: number;
  readonly notifyPeriodInSeconds: number;
}

export interface Rules {
  readonly extensions: ReadonlySet<string>;
  readonly limits: Limits;
  allows(extension: Extension): boolean;
}

const baseLimits: Limits = {
  identifier: 64,
  jobName: 128,
  stepOrEnvironmentName: 64,
  description: 2048,
  jobParameters: 50,
  environmentTemplateParameters: 50,
  parameterText: 1024,
  label: 64,
  fileFilters: 20,
  fileFilterPatterns: 20,
  fileFilterPattern: 20,
  taskParameters: 16,
  rangeItems: 1024,
  taskParameterText: 1024,
  combination: 1280,
  filename: 64,
  variableName: 256,
  variableValue: 2048,
  hostRequirements: 50,
  capabilityName: 100,
  attributeValue: 100,
  attributeValues: 50,
  notifyPeriodInSeconds: 600,
};

const widened: Partial<Record<Extension, Partial<Limits>>> = {
  FEATURE_BUNDLE_1: {
    identifier: 512,
    jobName: 512,
    stepOrEnvironmentName: 512,
    jobParameters: 200,
    filename: 256,
  },
};

export function rulesFor(extensions: readonly string[]): Rules {
  const asked = new Set(extensions);
  const limits = Object.entries(widened)
    .filter(([extension]) => asked.has(extension))
    .reduce<Limits>((all, [, wider]) => ({ ...all, ...wider }), baseLimits);
  return { extensions: asked, limits, allows: (extension) => asked.has(extension) };
}

/** What a caller may restrict further than the specification does. Nothing is limited unless it is set. */
export interface CallerLimits {
  readonly maxStepCount?: number;
  readonly maxEnvCount?: number;
  /** Tasks of one step. Counted by `createJob`. */
  readonly maxTaskCount?: number;
  /** Characters of JSON of one step's script. */
  readonly maxStepScriptSize?: number;
  /** Characters of JSON of one environment. */
  readonly maxEnvironmentSize?: number;
  /** Characters of the text, checked before it is parsed. 16 Mi unless set. */
  readonly maxTemplateSize?: number;
}
