/** What every command is given: where it stands, how it speaks. */
import type { Project, reader, Where } from '@pipl/project';
import type { Command } from 'commander';
import type { Terminal } from './terminal.ts';

export interface Context {
  readonly terminal: Terminal;
  /** the folder the command starts from (`-C`), and the environment that may name the project */
  readonly where: Where & { readonly from: string };
}

/** One file for each command exports this as `command`; `into` has its name and description. */
export type DefineCommand = (into: Command, context: Context) => Command;

export interface Open {
  readonly project: Project;
  readonly client: Awaited<ReturnType<typeof reader>>;
}
