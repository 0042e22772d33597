/** `--verbose`: what a command asks of the server and what it writes, while it does, on stderr. */
import { watched } from '@pipl/project';
import type { Terminal } from './terminal.ts';

export const aloud = (terminal: Terminal, run: () => Promise<void>): Promise<void> =>
  watched(
    {
      writing: (would) => terminal.note(would),
      answered: ({ method, url }, { status, milliseconds }) =>
        terminal.note(`${method} ${url.href} → ${status}, ${milliseconds.toFixed(0)} ms`),
    },
    run,
  );
