export type { RunnerConfig } from './config.ts';
export { attemptVariable } from './job-environment.ts';
export type { Provenance } from './provenance.ts';
export type { HeldAction } from './held-action.ts';
export { reproduce, type Reproduced, type Reproduction } from './reproduce.ts';
export type { Result } from './run-folder.ts';
export { runTicket, type RunEvent, type RunRequest } from './run.ts';
export { removeUnusedTrees } from './tree.ts';
