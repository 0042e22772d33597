/** What tells a process apart from a later one with the same pid. */
import { readFileSync } from 'node:fs';

/** Field 22 of /proc/PID/stat, in clock ticks since boot; undefined where there is no /proc or no such process. */
export function procStartTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
