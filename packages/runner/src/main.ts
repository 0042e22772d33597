/**
 * The runner as a process: warm, told what to do by JSON lines on stdin, saying what happens by JSON lines on stdout.
 *
 * ```
 * in   {"config":{…}}  first, then  {"run":"<folder of an attempt>"}  {"cancel":"<attempt>"}
 * out  {"attempt":"…","event":"started"|"first-action"|"progress"|"ended"|"taken", …}
 * ```
 * It outlives whoever started it: when stdin ends it finishes what it runs and ends, and nobody reading stdout does
 * no harm. SIGTERM and SIGINT cancel what runs, politely.
 */
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import type { RunnerConfig } from './config.ts';
import { rehearse } from './rehearse.ts';
import { runTicket, type RunEvent } from './run.ts';

interface Line {
  readonly config?: RunnerConfig;
  readonly run?: string;
  readonly cancel?: string;
}

const running = new Map<string, AbortController>();
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
  running.set(attempt, stop);
  await runTicket({ folder, config, cancel: stop.signal, onEvent: say });
  running.delete(attempt);
  leaveWhenDone();
}

function hear(line: string): void {
  const said = JSON.parse(line) as Line;
  if (said.config !== undefined) config = said.config;
  if (said.run !== undefined) void run(said.run);
  if (said.cancel !== undefined) running.get(said.cancel)?.abort();
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    for (const stop of running.values()) stop.abort();
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
void rehearse();
