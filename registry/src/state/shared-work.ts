/** One piece of work for everybody who needs it done after now. */

/**
 * Whoever asks while one is under way shares the next one: it begins after all of them have asked.
 * @param work what covers everything that happened before it began
 */
export function sharedWork(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const start = () => {
    next = undefined;
    const started = work().finally(() => {
      if (running === started) running = undefined;
    });
    running = started;
    return started;
  };
  return () => {
    if (running === undefined) return start();
    next ??= running.then(start, start);
    return next;
  };
}
