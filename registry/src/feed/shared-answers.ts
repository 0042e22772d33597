/** One question to the database for everybody who asks the same at the same time. */

/**
 * Whoever asks while the same is being asked shares that answer, which may be as old as its question: only for
 * what stays true, like the changes after a place in the feed.
 */
export function sharedAnswers<Key, Answer>(
  ask: (key: Key) => Promise<Answer>,
): (key: Key) => Promise<Answer> {
  const underWay = new Map<Key, Promise<Answer>>();
  return (key) => {
    const running = underWay.get(key);
    if (running !== undefined) return running;
    const started = ask(key).finally(() => underWay.delete(key));
    underWay.set(key, started);
    return started;
  };
}
