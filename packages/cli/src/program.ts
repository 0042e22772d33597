/**
 * From arguments to a command: finds it in the tree, loads only that one, and lets commander parse its options.
 */
import { resolve } from 'node:path';
import { piplError } from '@pipl/packl';
import { Command, CommanderError } from 'commander';
import { closest } from './closest.ts';
import { entryNamed, type Group, isGroup, type Leaf, tree } from './commands.ts';
import type { Context } from './context.ts';
import { helpGroupOf } from './help-groups.ts';
import { type Terminal } from './terminal.ts';
import { tried, untried } from './writing.ts';
import { topics } from './topics.ts';

interface Found {
  /** the words of the command, as the tree spells them */
  readonly path: readonly string[];
  readonly leaf: Leaf | undefined;
}

const takesValue = new Set(['-C', '--directory']);

/** The command that the arguments name; options may stand anywhere. @throws PIPL_NO_COMMAND (exit 2) */
export function findCommand(args: readonly string[]): Found {
  const path: string[] = [];
  let at: Group = tree;
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!;
    if (word === '--') break;
    if (takesValue.has(word)) i++;
    if (word.startsWith('-') || (word === 'help' && path.length === 0)) continue;
    const found = entryNamed(at, word);
    if (found === undefined) {
      if (path.length === 0 && args[0] === 'help' && word in topics) break;
      throw noCommand(path, word, at);
    }
    path.push(found[0]);
    if (!isGroup(found[1])) return { path, leaf: found[1] };
    at = found[1];
  }
  return { path, leaf: undefined };
}

/** @throws PiplError for what the person can mend */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<void> {
  const { path, leaf } = findCommand(args);
  if (path.length === 0 && !args.some((word) => /^(?:-h|--help|help)$/.test(word))) {
    return runProgram(['status', ...args], terminal);
  }
  if (args[0] === 'help' && args[1] !== undefined && topics[args[1]] !== undefined) {
    const topic = topics[args[1]!]!();
    return terminal.say(topic, () => topic.lines);
  }
  if (args[0] === 'help' && path.length > 0) return runProgram([...path, '--help'], terminal);
  const program = globalOptions(new Command('pipl'))
    .description(tree.about)
    .helpCommand('help [command]', 'Explain a command');
  quietly(program);
  const loaded = leaf === undefined ? undefined : await leaf.load();
  addCommands(program, {
    group: tree,
    path: [],
    only: leaf === undefined ? undefined : path,
    define: (words, command) => {
      if (loaded !== undefined && words.join(' ') === path.join(' '))
        dryRunOption(loaded.command(command, contextOf(program, terminal)), words);
    },
  });
  program.addHelpText(
    'after',
    `\npipl --version prints the version. Topics: ${Object.keys(topics)
      .map((name) => `pipl help ${name}`)
      .join(', ')}`,
  );
  const run = () => parse(program, args, path);
  if (terminal.verbose === true) {
    const { aloud } = await import('./aloud.ts');
    return aloud(terminal, () => tryOrRun({ args, path, terminal, run }));
  }
  return tryOrRun({ args, path, terminal, run });
}

interface Running {
  readonly args: readonly string[];
  readonly path: readonly string[];
  readonly terminal: Terminal;
  readonly run: () => Promise<void>;
}

async function tryOrRun({ args, path, terminal, run }: Running): Promise<void> {
  if (!asksToTry(args)) return run();
  const words = path.join(' ');
  const { cannotTry, tryIt } = await import('./trying.ts');
  if (untried[words] !== undefined) throw cannotTry(words, untried[words]);
  return tried.has(words) ? tryIt(terminal, run) : run();
}

const asksToTry = (args: readonly string[]): boolean => {
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end)).some((word) => word === '-n' || word === '--dry-run');
};

/** What is tried has the option without saying so itself. */
export function dryRunOption(command: Command, words: readonly string[]): Command {
  if (tried.has(words.join(' ')))
    command.option('-n, --dry-run', 'say what it would write first, and write nothing');
  return command;
}

/** The options that every command has; commander finds them at any place before `--`. */
export const globalOptions = (command: Command): Command =>
  command
    .option('-C, --directory <dir>', 'act as if started in this folder')
    .option('--json', 'print one JSON document: {ok, data, warnings}')
    .option('--plain', 'print data as columns with a tab between them, for cut and awk')
    .option('--quiet', 'say nothing but the result')
    .option('--verbose', 'also say what is asked of the server and what is written')
    .option('-y, --yes', 'answer every question with yes')
    .option('--no-input', 'ask nothing: what is not given is an error that names its option')
    .option('--debug', 'show where an error comes from')
    .option('--no-color', 'no colours');

interface Branch {
  readonly group: Group;
  readonly path: readonly string[];
  /** the words of the one command that is wanted; absent: all of them, for help */
  readonly only: readonly string[] | undefined;
  readonly define: (path: readonly string[], command: Command) => void;
}

function addCommands(parent: Command, { group, path, only, define }: Branch): void {
  for (const [name, entry] of Object.entries(group.commands)) {
    if (only !== undefined && only[path.length] !== name) continue;
    const command = new Command(name).description(entry.about).aliases(entry.aliases ?? []);
    quietly(command);
    const words = [...path, name];
    if (path.length === 0) command.helpGroup(helpGroupOf(name));
    if (isGroup(entry)) addCommands(command, { group: entry, path: words, only, define });
    else define(words, command);
    parent.addCommand(command);
  }
}

/** Commander throws instead of printing and leaving: errors have one shape here. */
function quietly(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => {} });
}

function contextOf(program: Command, terminal: Terminal): Context {
  return {
    terminal,
    get where() {
      const { directory } = program.opts<{ directory?: string }>();
      // A folder that is named wins over PIPL_PROJECT and PIPL_WORKSPACE.
      if (directory !== undefined) return { from: resolve(directory), env: {} };
      return { from: process.cwd(), env: process.env };
    },
  };
}

async function parse(program: Command, args: readonly string[], path: readonly string[]): Promise<void> {
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (/help|version/i.test(error.code)) return;
    throw notTaken(error, { program, path });
  }
}

/** Commander's sentence, in our three lines: the reason is in it, or it is how the command goes. */
function notTaken(error: CommanderError, { program, path }: { program: Command; path: readonly string[] }) {
  const [first = '', ...more] = error.message.replace(/^error: /, '').split('\n');
  const parts = /^(.*? is invalid[^.]*)\. (.+)$/.exec(first);
  const what = (parts?.[1] ?? first).replace(
    /^command-argument value '(.*)' is invalid for argument '(.*)'$/,
    '"$1" is no $2',
  );
  const at = path.reduce<Command | undefined>(
    (one, name) => one?.commands.find((each) => each.name() === name),
    program,
  );
  const missing = /^Missing required argument '(.*)'$/i.exec(first)?.[1];
  const choices = at?.registeredArguments.find((one) => one.name() === missing)?.argChoices;
  const goes =
    `It goes: pipl ${[...path, at?.usage() ?? ''].join(' ')}${choices === undefined ? '' : `, with ${choices.join(', ')}`}`.trimEnd();
  const told = more.join(' ').replace(/^\(|\)$/g, '');
  return piplError('usage', 'PIPL_USAGE', {
    what: `${capital(what).replace(/\.+$/, '')}.`,
    why: parts?.[2] ?? (told || goes),
    hint: `See pipl help ${path.join(' ')}`.trimEnd(),
  });
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function noCommand(path: readonly string[], word: string, { commands }: Group) {
  const names = Object.keys(commands);
  const near = closest(word, names);
  const asked = ['pipl', ...path, word].join(' ');
  return piplError('usage', 'PIPL_NO_COMMAND', {
    what: `There is no command "${asked}".`,
    why:
      near === undefined
        ? `There are ${names.join(', ')}.`
        : `Did you mean "${['pipl', ...path, near].join(' ')}"?`,
    hint: `See pipl help ${path.join(' ')}`.trimEnd(),
  });
}
