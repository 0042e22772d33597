/**
 * One copy of `@pipl/pipe` in a process: services would be made twice, and a type of one copy would not be that of
 * the other. The second copy that is loaded says so at once.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { piplError } from '@pipl/packl';

const key = Symbol.for('@pipl/pipe instance');

interface Copy {
  readonly folder: string;
  readonly version: string;
}

/** @param url of a module of this copy @throws PIPL_TWO_FRAMEWORKS */
export function claimProcess(url: string, owner: { [key]?: Copy } = globalThis as object): void {
  const mine = copyOf(url);
  const first = (owner[key] ??= mine);
  if (first.folder !== mine.folder) throw twoCopies(first, mine);
}

function copyOf(url: string): Copy {
  for (let folder = dirname(fileURLToPath(url)); ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) {
      const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
      return { folder, version };
    }
    if (folder === dirname(folder)) return { folder: dirname(fileURLToPath(url)), version: 'unknown' };
  }
}

const twoCopies = (first: Copy, second: Copy) =>
  piplError('conflict', 'PIPL_TWO_FRAMEWORKS', {
    what: `Two copies of @pipl/pipe are loaded: ${first.version} and ${second.version}.`,
    why: `One is ${first.folder}, the other ${second.folder}: services and types of one are unknown to the other.`,
    hint: 'Each packl has @pipl/pipe under "peerDependencies", none under "dependencies", with ranges that one version fits: pnpm why @pipl/pipe says who brings which.',
  });
