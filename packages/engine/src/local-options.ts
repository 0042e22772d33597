/** What a local engine is told when it is made. */
import type { RunnerConfig } from './engine.ts';

export interface LocalEngineOptions {
  /** PROJ/system/runs */
  readonly runsDir: string;
  /** argv of a runner, for example node and its main.ts */
  readonly runnerCommand: readonly string[];
  readonly runnerConfig: RunnerConfig;
  /** runs at once */
  readonly concurrency: number;
  /** milliseconds from a cancel to the end of everything; default 30 s */
  readonly cancelGrace?: number;
  /** Does what waits go on waiting until somebody calls `hold(false)`? */
  readonly isHeld?: boolean;
}
