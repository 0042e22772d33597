/** Explores the schedules it is told to, one message for one answer. */
import { parentPort } from 'node:worker_threads';
import { explore } from '../../src/step/explorer/index.ts';

parentPort!.on('message', (ask: { readonly from: number; readonly count: number }) => {
  parentPort!.postMessage(explore({ ...ask, enough: 5 }));
});
