/** Open Job Description templates, jobs and parameter spaces, as the specification says. No I/O. */
export * from './errors.ts';
export { parseFormatString, resolveFormatString } from './format-string.ts';
export type { FormatString, NameSegment, TextSegment } from './format-string.ts';
export { SymbolTable } from './symbol-table.ts';
export type * from './types.ts';
