/**
 * A project on PostgreSQL may have several servers. The one that a run came from may be gone when the run needs it,
 * and another have taken over: that one writes where it listens into a file of the project, which is read when the
 * first does not answer.
 *
 * A request is then sent a second time, so only who may ask twice uses it: all that a runner asks may be repeated.
 */
import { readFile } from 'node:fs/promises';
import type { Fetch } from '@pipl/registry-client';
import { fetchKeptAlive } from './kept-alive.ts';

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
export function fetchAlsoElsewhere(note: string | undefined): Fetch {
  if (note === undefined) return fetchKeptAlive;
  return async (url, sent) => {
    try {
      return await fetchKeptAlive(url, sent);
    } catch (error) {
      const there = sent.signal.aborted ? undefined : await noted(note);
      if (there === undefined || there.origin === url.origin) throw error;
      const moved = new URL(url);
      moved.host = there.host;
      return fetchKeptAlive(moved, sent);
    }
  };
}
