#!/usr/bin/env node
/** The program `openjd`: the streams, signals and exit status of this process. */
import { once } from 'node:events';
import { runOpenjd } from './command-line.ts';
import { listenForSignals } from './stops.ts';
import { version } from './version.ts';

// `openjd summary | head` closes our stdout: no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const { stops, forget } = listenForSignals();
process.exitCode = await runOpenjd(process.argv.slice(2), {
  cwd: process.cwd(),
  write: async (text) => {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  },
  writeError: (text) => void process.stderr.write(text),
  stops,
  version,
});
forget();
