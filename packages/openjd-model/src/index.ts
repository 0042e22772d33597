/** Open Job Description templates, jobs and parameter spaces, as the specification says. No I/O. */
export { decodeEnvironmentTemplate, decodeJobTemplate } from './decode.ts';
export type { DecodeOptions } from './decode.ts';
export { StepDependencyGraph } from './dependency-graph.ts';
export * from './errors.ts';
export { parseFormatString, resolveFormatString } from './format-string.ts';
export type { FormatString, NameSegment, TextSegment } from './format-string.ts';
export { IntRange } from './int-range.ts';
export { implementedExtensions } from './rules.ts';
export type { CallerLimits, Extension } from './rules.ts';
export { SymbolTable } from './symbol-table.ts';
export type * from './template-types.ts';
export type * from './types.ts';
