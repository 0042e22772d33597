/**
 * A project on PostgreSQL may have several servers. The one that a run came from may be gone when the run needs it,
 * and another have taken over: that one writes where it listens into a file of the project, which is read when the
 * first does not answer.
 *
 * A request is then sent a second time, so only who may ask twice uses it: all that a runner asks may be repeated.
 */
import { readFile } from 'node:fs/promises';

/** undefined: nobody has said anything there, or it is being written */
async function noted(file: string): Promise<URL | undefined> {
  try {
    const { url } = JSON.parse(await readFile(file, 'utf8')) as { url?: unknown };
    return typeof url === 'string' ? (URL.parse(url) ?? undefined) : undefined;
  } catch {
    return undefined; // the answer that was missing is the news then, not this
  }
}

/** @param note the file; absent: there is one server, and who asks waits for it */
export function fetchAlsoElsewhere(note: string | undefined): typeof fetch {
  if (note === undefined) return globalThis.fetch;
  return async (asked, init) => {
    try {
      return await fetch(asked, init);
    } catch (error) {
      const there = init?.signal?.aborted === true ? undefined : await noted(note);
      const url = new URL(asked instanceof Request ? asked.url : asked);
      if (there === undefined || there.origin === url.origin) throw error;
      url.host = there.host;
      return fetch(url, init);
    }
  };
}
