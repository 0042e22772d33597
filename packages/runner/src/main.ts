/**
 * The runner as a process: warm, told what to do by JSON lines on stdin, saying what happens by JSON lines on stdout.
 *
 * ```
 * in   {"config":{…}}  first, then  {"run":"<folder of an attempt>"}  {"cancel":"<attempt>"}
 * out  {"attempt":"…","event":"started"|"first-action"|"progress"|"executed"|"ended"|"taken", …}
 * ```
 * It may be told to run another one as soon as the actions of the last are over. It outlives whoever started it: when stdin ends it finishes what it runs and ends, and nobody reading stdout does
 * no harm. SIGTERM and SIGINT cancel what runs, politely: the attempts whose folder says so, or else all of them.
 */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { SpareParts } from '@pipl/openjd-sessions';
import type { RunnerConfig } from './config.ts';
import { rehearse } from './rehearse.ts';
import { runTicket, type RunEvent } from './run.ts';

interface Line {
  readonly config?: RunnerConfig;
  readonly run?: string;
  readonly cancel?: string;
}

interface Running {
  readonly folder: string;
  readonly stop: AbortController;
}

const running = new Map<string, Running>();
const spareParts = new SpareParts(tmpdir());
process.on('exit', () => spareParts.removeNow());
let config: RunnerConfig | undefined;
let inputEnded = false;

// EPIPE: whoever started us is gone. The folder of the attempt says everything that matters.
process.stdout.on('error', () => undefined);
const say = (event: RunEvent) => void process.stdout.write(`${JSON.stringify(event)}\n`);

const leaveWhenDone = () => {
  if (inputEnded && running.size === 0) process.exit(0);
};

async function run(folder: string): Promise<void> {
  if (config === undefined) throw new TypeError('a run came before the config');
  const attempt = basename(folder);
  const stop = new AbortController();
  running.set(attempt, { folder, stop });
  await runTicket({ folder, config, cancel: stop.signal, onEvent: say, spareParts });
  running.delete(attempt);
  leaveWhenDone();
}

function hear(line: string): void {
  const said = JSON.parse(line) as Line;
  if (said.config !== undefined) config = said.config;
  if (said.run !== undefined) void run(said.run);
  if (said.cancel !== undefined) running.get(said.cancel)?.stop.abort();
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    const named = [...running.values()].filter(({ folder }) => existsSync(join(folder, 'cancel')));
    for (const { stop } of named.length > 0 ? named : running.values()) stop.abort();
    if (named.length > 0) return;
    inputEnded = true;
    leaveWhenDone();
  });
}

createInterface({ input: process.stdin })
  .on('line', hear)
  .on('close', () => {
    inputEnded = true;
    leaveWhenDone();
  });
void rehearse(spareParts);
