/**
 * The reactor's decisions: which tasks run again after what happened. Pure; the shell around it does the rest.
 */
export * from './types.ts';
export { planAhead } from './ahead.ts';
export type { AheadAsk } from './ahead.ts';
export { advance, decide, settledThrough } from './decide.ts';
export type { Advance } from './decide.ts';
export { explain, runNamed } from './explain.ts';
export type { Question } from './explain.ts';
export type { Explanation } from './explain-task.ts';
export { checkRelease } from './release.ts';
export type { ReleaseAnswer, ReleaseAsk } from './release.ts';
export type { ChangeInput } from './feed.ts';
export { isHeld, isMeant } from './pause.ts';
export { defaultLimits, loadProjection } from './projection.ts';
export type { Limits, Projection, RegistryContents } from './projection.ts';
export { dump, load } from './state.ts';
export type { Live } from './state.ts';
export { tryOut } from './trial.ts';
export type { Trial } from './trial.ts';
export { changesOf, runsOf } from './wave-told.ts';
export { wholeView } from './whole-view.ts';
