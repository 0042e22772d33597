export type { Access, Engine, Observation, RunnerConfig } from './engine.ts';
export { attemptVariable, localEngine, type LocalEngineOptions } from './local.ts';
