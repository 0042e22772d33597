/**
 * The reactor's decisions: which tasks run again after what happened. Pure; the shell around it does the rest.
 */
export * from './types.ts';
export { planAhead } from './ahead.ts';
export type { AheadAsk } from './ahead.ts';
export { decide, settledThrough, step } from './decide.ts';
export { explain, runNamed } from './explain.ts';
export type { Question } from './explain.ts';
export type { Explanation } from './explain-task.ts';
export { checkRelease } from './release.ts';
export type { ReleaseAnswer, ReleaseAsk } from './release.ts';
export type { ChangeInput } from './feed.ts';
export { loadProjection } from './projection.ts';
export type { Projection, RegistryContents } from './projection.ts';
export { apply, dump, load } from './state.ts';
