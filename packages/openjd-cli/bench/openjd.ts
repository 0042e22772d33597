/**
 * `npm run bench -- openjd [PART…]`: the model, the sessions and the command against their peers, in one run; or
 * only the parts that are named, as a short one finds a quiet moment sooner.
 */
import type { Print } from '../../../scripts/figures.ts';
import { largeSpaces, largeTemplates } from './model.ts';
import { otherUser } from './other-user.ts';
import { manyLines } from './output.ts';
import { findPeers } from './peers.ts';
import { startUp } from './startup.ts';
import { overheadOfHeap, overheadOfTasks } from './tasks.ts';

type Peers = ReturnType<typeof findPeers>;

const parts: Readonly<Record<string, (print: Print, peers: Peers) => void | Promise<void>>> = {
  tasks: overheadOfTasks,
  output: (print, { rust, python }) => manyLines(print, [rust, python]),
  templates: largeTemplates,
  spaces: largeSpaces,
  startup: (print, { rust, python }) => startUp(print, [rust, python]),
  user: otherUser,
  heap: overheadOfHeap,
};

export async function bench(print: Print, args: readonly string[]): Promise<void> {
  const unknown = args.find((name) => !Object.hasOwn(parts, name));
  if (unknown !== undefined)
    throw new Error(`No part ${unknown}: there are ${Object.keys(parts).join(', ')}`);
  const peers = findPeers();
  for (const [name, measure] of Object.entries(parts)) {
    if (args.length === 0 || args.includes(name)) await measure(print, peers);
  }
}
