export type { Access, Engine, Hint, Observation, RunnerConfig } from './engine.ts';
export { attemptVariable, localEngine } from './local.ts';
export type { LocalEngineOptions } from './local-options.ts';
