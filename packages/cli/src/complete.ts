/**
 * What may follow on a command line: commands, options, choices, and what the project has: packls, versions, indexes,
 * tasks. Shells ask with `pipl __complete WORD…`; the last word is the one being typed.
 *
 * Whoever presses Tab does not want to hear of errors: where nothing can be said, nothing is offered.
 */
import { resolve } from 'node:path';
import type { Argument, Option } from 'commander';
import { Command } from 'commander';
import { entryNamed, type Group, isGroup, type Leaf, tree } from './commands.ts';
import type { Context } from './context.ts';
import { offeredBy, type Subject } from './complete-project.ts';
import { globalOptions } from './program.ts';
import { openTerminal } from './terminal.ts';
import { topics } from './topics.ts';

export interface Candidate {
  readonly value: string;
  readonly about?: string;
}

/** `files`: the shell may offer files too. */
export interface Offered {
  readonly candidates: readonly Candidate[];
  readonly files: boolean;
}

const nothing: Offered = { candidates: [], files: false };

/** @param words after `pipl`; the last one is being typed and may be empty */
export async function complete(words: readonly string[], from = process.cwd()): Promise<Offered> {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const { group, leaf, rest } = walk(before[0] === 'help' ? before.slice(1) : before);
  const helps = before[0] === 'help';
  const where = { from: resolve(from, folderIn(before)), env: process.env };
  const offered =
    leaf === undefined || helps
      ? ofGroup(group, { helps, before })
      : await ofLeaf(leaf, { rest, typed, where });
  return { ...offered, candidates: offered.candidates.filter(({ value }) => value.startsWith(typed)) };
}

/** As shells read it: a candidate a line, what it is about behind a tab; `:files` where files fit too. */
export const printed = ({ candidates, files }: Offered): string =>
  [
    ...candidates.map(({ value, about }) => (about === undefined ? value : `${value}\t${about}`)),
    ...(files ? [':files'] : []),
  ]
    .map((line) => `${line}\n`)
    .join('');

function walk(words: readonly string[]): { group: Group; leaf: Leaf | undefined; rest: readonly string[] } {
  let group = tree;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === '-C' || word === '--directory') i++;
    if (word.startsWith('-')) continue;
    const found = entryNamed(group, word);
    if (found === undefined) continue;
    if (!isGroup(found[1])) return { group, leaf: found[1], rest: words.slice(i + 1) };
    group = found[1];
  }
  return { group, leaf: undefined, rest: [] };
}

function folderIn(words: readonly string[]): string {
  const at = words.findLastIndex((word) => word === '-C' || word === '--directory');
  return (at < 0 ? undefined : words[at + 1]) ?? '.';
}

function ofGroup(group: Group, { helps, before }: { helps: boolean; before: readonly string[] }): Offered {
  if (['-C', '--directory'].includes(before.at(-1) ?? '')) return { candidates: [], files: true };
  const commands = Object.entries(group.commands).map(([value, { about }]) => ({ value, about }));
  if (helps)
    return { candidates: [...commands, ...Object.keys(topics).map((value) => ({ value }))], files: false };
  const help = group === tree ? [{ value: 'help', about: 'Explain a command' }] : [];
  return { candidates: [...commands, ...help, ...optionsOf(globalOptions(new Command()))], files: false };
}

interface Asked {
  readonly rest: readonly string[];
  readonly typed: string;
  readonly where: { readonly from: string; readonly env: NodeJS.ProcessEnv };
}

async function ofLeaf(leaf: Leaf, { rest, typed, where }: Asked): Promise<Offered> {
  const defined = await definitionOf(leaf, where);
  if (rest.includes('--')) return { candidates: [], files: true };
  const awaited = optionAwaiting(defined, rest.at(-1));
  if (awaited !== undefined) return valuesOf(awaited, { typed, where });
  if (typed.startsWith('-')) return { candidates: optionsOf(defined), files: false };
  const argument = argumentAt(defined, rest);
  return argument === undefined ? nothing : valuesOf(argument, { typed, where });
}

async function definitionOf(leaf: Leaf, where: Asked['where']): Promise<Command> {
  const silent = { write: () => true };
  const options = { json: false, quiet: true, debug: false, color: false };
  const context: Context = { where, terminal: openTerminal(options, { out: silent, err: silent }) };
  const { command } = await leaf.load();
  return globalOptions(command(new Command(), context));
}

const optionsOf = (command: Command): Candidate[] =>
  command.options
    .filter(({ hidden }) => !hidden)
    .map(({ long, short, description }) => ({ value: long ?? short ?? '', about: description }));

const optionAwaiting = (command: Command, word: string | undefined): Option | undefined =>
  command.options.find(
    ({ long, short, required }) => required && word !== undefined && [long, short].includes(word),
  );

/** Which argument comes now; one that takes several goes on. */
function argumentAt(command: Command, rest: readonly string[]): Argument | undefined {
  let given = 0;
  for (let i = 0; i < rest.length; i++) {
    if (optionAwaiting(command, rest[i]) !== undefined) i++;
    else if (!rest[i]!.startsWith('-')) given++;
  }
  const all = command.registeredArguments;
  const last = all.at(-1);
  return all[given] ?? (last?.variadic === true ? last : undefined);
}

async function valuesOf(what: Argument | Option, { typed, where }: Omit<Asked, 'rest'>): Promise<Offered> {
  if (what.argChoices !== undefined)
    return { candidates: what.argChoices.map((value) => ({ value })), files: false };
  const subject = subjects[nameOf(what)];
  if (subject === 'files' || subject === undefined) return { candidates: [], files: subject === 'files' };
  return {
    candidates: await offeredBy(subject, { typed, where }),
    files: subject === 'packls' && typed.startsWith('.'),
  };
}

/** An option is named by its value, `--to <index>`, or by itself; an argument by its name. */
const nameOf = (what: Argument | Option): string => {
  if (!('long' in what)) return what.name();
  const value = /[<[]([\w-]+)/.exec(what.flags)?.[1];
  return value !== undefined && value in subjects ? value : (what.long ?? '');
};

/** What stands in the place of an argument or the value of an option, by how commands name it. */
const subjects: Readonly<Record<string, Subject | 'files'>> = {
  spec: 'packls',
  specs: 'packls',
  dependency: 'packls',
  packl: 'packls',
  packls: 'packls',
  what: 'packls',
  type: 'types',
  index: 'indexes',
  '--index': 'indexes',
  '--from': 'indexes',
  '--base': 'indexes',
  run: 'runs',
  subject: 'runs',
  task: 'tasks',
  login: 'users',
  '--user': 'users',
  workspace: 'workspaces',
  path: 'files',
  paths: 'files',
  folder: 'files',
  folders: 'files',
  file: 'files',
  tarball: 'files',
  backup: 'files',
  area: 'files',
  dir: 'files',
};
