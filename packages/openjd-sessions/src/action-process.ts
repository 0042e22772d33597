/**
 * What every way of starting an action's program offers, and what it needs.
 * Two ways exist: `shell-helper.ts` (fast) and `plain-process.ts` (always works).
 */
import type { Variables } from './environment-variables.ts';

/** A program to start: in `cwd`, stdin from /dev/null, stdout and stderr into the pipe. */
export interface ProgramStart {
  readonly command: string;
  readonly args: readonly string[];
  readonly variables: Readonly<Variables>;
  /** What the session itself adds to them. */
  readonly added: Readonly<Variables>;
  readonly cwd: string;
  /** The named pipe whose reading end is already open. */
  readonly outputPath: string;
}

export interface ProgramEnd {
  /** Minus N when signal N ended it. Undefined when it never started. */
  readonly exitCode: number | undefined;
  /** Why it never started, in words. */
  readonly problem?: string;
}

/** A started program and the process group it leads or lives in. */
export interface ActionProcess {
  /** Its process id, or undefined when it did not start. Never rejects. */
  readonly started: Promise<number | undefined>;
  /** Settles when the program itself is gone, whatever it left behind. Never rejects. */
  readonly ended: Promise<ProgramEnd>;
  /** Signals the whole group. A group that is gone is no error: the race is everybody's. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** Sends a signal to a process group; false when nobody is left to receive it. */
export function signalGroup(group: number, signal: 'SIGTERM' | 'SIGKILL'): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    // ESRCH: the group ended between our decision and this line, or (EPERM, macOS) holds only zombies.
    return false;
  }
}
