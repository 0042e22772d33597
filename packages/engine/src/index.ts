export type { Access, Engine, Hint, Observation, RunnerConfig } from './engine.ts';
export { attemptVariable, localEngine, type LocalEngineOptions } from './local.ts';
