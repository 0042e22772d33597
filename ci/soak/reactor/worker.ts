/** Explores the schedules it is told to, one message for one answer. */
import { parentPort } from 'node:worker_threads';
import { explore } from '../../src/step/explorer/index.ts';
import type { ExploreOptions } from '../../src/step/explorer/index.ts';

parentPort!.on('message', (ask: ExploreOptions) => {
  // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort!.postMessage(explore(ask));
});
