/** Open Job Description templates, jobs and parameter spaces, as the specification says. No I/O. */
export { createJob } from './create-job.ts';
export type { CreateJob } from './create-job.ts';
export { decodeEnvironmentTemplate, decodeJobTemplate } from './decode.ts';
export type { DecodeOptions } from './decode.ts';
export { StepDependencyGraph } from './dependency-graph.ts';
export { proposeTaskCount } from './chunk-size.ts';
export type { ChunksSoFar } from './chunk-size.ts';
export * from './errors.ts';
export { evaluateExpression } from './expr/evaluate.ts';
export type { EvaluateOptions } from './expr/evaluate.ts';
export type { ExpressionLimits } from './expr/budget.ts';
export { display as displayValue } from './expr/display.ts';
export { ExpressionInvalid } from './expr/expression-invalid.ts';
export { hostLibrary, templateLibrary } from './expr/standard-library.ts';
export { typeName, types as expressionTypes } from './expr/types.ts';
export type { Type as ExpressionType } from './expr/types.ts';
export { typeOf } from './expr/values.ts';
export type { PathFormat, Value as ExpressionValue } from './expr/values.ts';
export {
  escapeFormatString,
  parseFormatString,
  resolveArguments,
  resolveFormatString,
  resolveOptional,
} from './format-string.ts';
export { templateJsonSchema } from './json-schema.ts';
export type { TemplateKind } from './json-schema.ts';
export { bindLets } from './let-bindings.ts';
export { jobParameterSymbols, taskParameterSymbols } from './parameter-values.ts';
export type { MapPath } from './parameter-values.ts';
export type { ExpressionSegment, FormatString, NameSegment, TextSegment } from './format-string.ts';
export { preprocessJobParameters } from './preprocess.ts';
export type { GivenValues, PreprocessJobParameters } from './preprocess.ts';
export { mergeJobParameters } from './merge-parameters.ts';
export type { MergedParameter, Templates } from './merge-parameters.ts';
export { StepParameterSpaceIterator } from './parameter-space-iterator.ts';
export type { ParameterSpaceOptions } from './parameter-space-iterator.ts';
export { IntRange } from './int-range.ts';
export { implementedExtensions } from './rules.ts';
export type { CallerLimits, Extension } from './rules.ts';
export { SymbolTable } from './symbol-table.ts';
export type { ExpressionSettings } from './symbol-table.ts';
export type * from './template-types.ts';
export type * from './types.ts';
export { isWrapping, wrapHooks } from './wrap-actions.ts';
export type { WrapHook } from './wrap-actions.ts';
