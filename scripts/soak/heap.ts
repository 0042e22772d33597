/**
 * What a server's process really holds: the heap after full collections, asked of its inspector, which listens from
 * the first question on. Resident memory would tell how lazy the collector was.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runningServer, type Project } from '@pipl/project';

/** The server must have been started by a Node with this flag: the inspector's port is any that is free. */
export const inspectable = '--inspect-port=0';

interface Answer {
  readonly id?: number;
  readonly result?: { readonly usedSize?: number };
}

/** @returns MB */
export async function heapOf(project: Project): Promise<number> {
  const { pid } = (await runningServer(project))!;
  const socket = new WebSocket(await inspectorOf(project, pid));
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', reject);
  });
  let asked = 0;
  const ask = (method: string): Promise<Answer['result']> => {
    const id = (asked += 1);
    return new Promise((resolve) => {
      socket.addEventListener('message', ({ data }) => {
        const answer = JSON.parse(String(data)) as Answer;
        if (answer.id === id) resolve(answer.result);
      });
      socket.send(JSON.stringify({ id, method }));
    });
  };
  // What one collection finds others may hold: finalizers, weak references.
  for (let time = 0; time < 3; time += 1) await ask('HeapProfiler.collectGarbage');
  const usage = await ask('Runtime.getHeapUsage');
  socket.close();
  return Math.round((usage?.usedSize ?? Number.NaN) / 100_000) / 10;
}

/** It says where it listens on stderr, which the project's log has. */
async function inspectorOf(project: Project, pid: number): Promise<string> {
  const log = join(project.system, 'run', 'server.log');
  const { length } = await readFile(log, 'utf8');
  process.kill(pid, 'SIGUSR1');
  for (;;) {
    const said = (await readFile(log, 'utf8')).slice(length);
    const [, url] = /Debugger listening on (ws:\S+)/.exec(said) ?? [];
    if (url !== undefined) return url;
    await sleep(20);
  }
}
