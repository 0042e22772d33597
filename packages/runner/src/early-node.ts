/**
 * A Node that starts before the program it will run is there: while pnpm installs, it comes up and waits.
 *
 * A process of its own like any other command, in a group of its own and marked with the attempt. Until it is told
 * what to run it has read nothing of a packl. It ends when its run does not need it, when the run is told to stop,
 * and, as its stdin ends then, when the runner dies.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand, type Command, type CommandEnd } from './command.ts';

export interface Program {
  /** a module, absolute */
  readonly script: string;
  readonly args: readonly string[];
  readonly cwd: string;
}

export interface EarlyNode {
  /** Once. @throws the signal's reason, when it was told to stop and has ended */
  run(program: Program): Promise<CommandEnd>;
  /** Nothing is left of it when this resolves; a program that was begun has its end awaited. Never rejects. */
  dismiss(): Promise<void>;
}

export interface EarlyNodeRequest extends Pick<Command, 'env' | 'signal'> {
  readonly node: string;
  /** a folder private to the run */
  readonly scratch: string;
}

/** What such programs import from Node is imported ahead; the read blocks, which needs no event loop. */
const waiting = `import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';

const said = readFileSync(0, 'utf8');
if (said !== '') {
  const { script, args, cwd } = JSON.parse(said);
  process.chdir(cwd);
  process.argv.splice(1, Infinity, script, ...args);
  await import(pathToFileURL(script).href);
}
`;

export function startEarlyNode({ node, scratch, env, signal }: EarlyNodeRequest): EarlyNode {
  const file = join(scratch, 'early-node.mjs');
  writeFileSync(file, waiting);
  const told = Promise.withResolvers<string | undefined>();
  const ended = runCommand({ file: node, args: [file], cwd: scratch, env, signal, input: told.promise });
  // Told by `run`; a run that never asks has a reason of its own to tell.
  const gone = ended.then(
    () => undefined,
    () => undefined,
  );
  return {
    run(program) {
      told.resolve(JSON.stringify(program));
      return ended;
    },
    dismiss() {
      told.resolve(undefined);
      return gone;
    },
  };
}
