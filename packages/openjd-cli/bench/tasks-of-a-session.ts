/** What one task of a session takes, on average of some. */
import type { Session } from '../../openjd-sessions/src/index.ts';

const task = { stepScript: { actions: { onRun: { command: '/bin/true' } } }, taskParameterValues: {} };

/** @returns milliseconds for each of `count` tasks */
export async function timedTasks(session: Session, count: number): Promise<number> {
  const from = performance.now();
  for (let done = 0; done < count; done += 1) {
    const { state } = await session.runTask(task);
    if (state !== 'SUCCESS') throw new Error(`The task ended ${state}`);
  }
  return (performance.now() - from) / count;
}
