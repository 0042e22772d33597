/** `npm run bench -- openjd`: the model, the sessions and the command against their peers, in one run. */
import type { Print } from '../../../scripts/figures.ts';
import { largeSpaces, largeTemplates } from './model.ts';
import { otherUser } from './other-user.ts';
import { manyLines } from './output.ts';
import { findPeers } from './peers.ts';
import { startUp } from './startup.ts';
import { overheadOfHeap, overheadOfTasks } from './tasks.ts';

export async function bench(print: Print): Promise<void> {
  const peers = findPeers();
  const all = [peers.rust, peers.python];
  await overheadOfTasks(print, peers);
  await manyLines(print, all);
  largeTemplates(print);
  largeSpaces(print);
  await startUp(print, all);
  otherUser(print);
  await overheadOfHeap(print);
}
