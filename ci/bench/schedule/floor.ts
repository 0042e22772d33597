/**
 * The least that running the graph durably can cost: for each task a process started by Node and four durable
 * transactions (it was decided, it began, its product is there, it ended), two tasks at once.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { script, sourceText, type Graph } from './graph.ts';

const events = ['decided', 'begun', 'made', 'ended'] as const;

/** @returns milliseconds for all of it */
export async function floor(graph: Graph, concurrency: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'pipl-floor-'));
  const database = new DatabaseSync(join(folder, 'floor.sqlite'));
  try {
    database.exec('pragma journal_mode = wal; pragma synchronous = full;');
    database.exec('create table events (task text, event text, at integer)');
    const note = database.prepare('insert into events values (?, ?, ?)');
    for (const name of graph.sources) await writeFile(join(folder, name), sourceText(graph, name));
    const began = performance.now();
    await inOrder(graph, concurrency, async ({ name, reads }) => {
      note.run(name, events[0], Date.now());
      note.run(name, events[1], Date.now());
      const child = spawn('/bin/sh', ['-ec', script, 'value', ...reads, name], {
        cwd: folder,
        stdio: 'ignore',
      });
      const [status] = (await once(child, 'exit')) as [number];
      if (status !== 0) throw new Error(`${name} ended with ${status}.`);
      note.run(name, events[2], Date.now());
      note.run(name, events[3], Date.now());
    });
    return performance.now() - began;
  } finally {
    database.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Tasks stand after what they read: one that is not ready waits for its own inputs only. */
async function inOrder(
  { tasks }: Graph,
  concurrency: number,
  run: (task: Graph['tasks'][number]) => Promise<void>,
): Promise<void> {
  const done = new Map<string, Promise<void>>();
  const queue = tasks.values();
  const resolvers = new Map(tasks.map(({ name }) => [name, Promise.withResolvers<void>()]));
  for (const [name, { promise }] of resolvers) done.set(name, promise);
  const worker = async () => {
    for (const task of queue) {
      await Promise.all(task.reads.map((read) => done.get(read)));
      await run(task);
      resolvers.get(task.name)?.resolve();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
