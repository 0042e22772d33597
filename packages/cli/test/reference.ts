/** The reference of the command line as Markdown, made from the tree of commands and what each of them declares. */
import { Command } from 'commander';
import { type Group, isGroup, type Leaf, tree } from '../src/commands.ts';
import type { Context } from '../src/context.ts';
import { dryRunOption, globalOptions } from '../src/program.ts';
import { openTerminal } from '../src/terminal.ts';
import { topics } from '../src/topics.ts';

export interface Defined {
  /** its words, without `pipl` */
  readonly words: string;
  readonly leaf: Leaf;
  readonly command: Command;
  /** other ways to write it */
  readonly also: readonly string[];
}

const silent = { write: () => true };
const context: Context = {
  where: { from: '/' },
  terminal: openTerminal(
    { json: false, quiet: true, debug: false, color: false },
    { out: silent, err: silent },
  ),
};

/** Every command, in the order of the tree, defined as it is for people. */
export async function everyCommand(group: Group = tree, path: readonly string[] = []): Promise<Defined[]> {
  const all: Defined[] = [];
  for (const [name, entry] of Object.entries(group.commands)) {
    const words = [...path, name];
    if (isGroup(entry)) all.push(...(await everyCommand(entry, words)));
    else {
      const command = dryRunOption(
        (await entry.load()).command(new Command(words.join(' ')), context),
        words,
      );
      const also = (entry.aliases ?? []).map((alias) => [...path, alias].join(' '));
      all.push({ words: words.join(' '), leaf: entry, command, also });
    }
  }
  return all;
}

const escaped = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const rows = (all: readonly (readonly [string, string])[]): string[] =>
  all.length === 0
    ? []
    : [
        '| | |',
        '|---|---|',
        ...all.map(([left, right]) => `| \`${escaped(left)}\` | ${escaped(right)} |`),
        '',
      ];

function section({ words, leaf, command, also }: Defined): string[] {
  const args = command.registeredArguments.map((argument) => {
    const shown = argument.variadic ? `${argument.name()}...` : argument.name();
    const choices = argument.argChoices === undefined ? '' : `: ${argument.argChoices.join(', ')}`;
    return [argument.required ? `<${shown}>` : `[${shown}]`, `${argument.description}${choices}`] as const;
  });
  const options = command.options.map(({ flags, description, argChoices, defaultValue }) => {
    const choices = argChoices === undefined ? '' : `: ${argChoices.join(', ')}`;
    const usual = ['string', 'number'].includes(typeof defaultValue) ? ` (else ${String(defaultValue)})` : '';
    return [flags, `${description}${choices}${usual}`] as const;
  });
  return [
    `## pipl ${words}`,
    '',
    `${leaf.about}.${also.length === 0 ? '' : ` Also: ${also.map((one) => `\`pipl ${one}\``).join(', ')}.`}`,
    '',
    '```',
    `pipl ${words} ${command.usage()}`
      .replace(' [options]', options.length === 0 ? '' : ' [options]')
      .trimEnd(),
    '```',
    '',
    ...rows([...args, ...options]),
  ];
}

export async function reference(): Promise<string> {
  const all = await everyCommand();
  const shared = globalOptions(new Command()).options.map(
    ({ flags, description }) => [flags, description] as const,
  );
  return [
    '# The command line',
    '',
    'Made from the commands themselves; `npm run cli-reference` makes it anew.',
    '',
    '- Data goes to stdout, everything else (notes, warnings, errors) to stderr.',
    '- `--json` prints one document, `{"ok": true, "data": …, "warnings": […]}` or `{"ok": false, "error": {"code", "kind",',
    '  "message", "why", "hint"}}`; what follows something prints one a line. `pipl schema COMMAND` prints its JSON Schema.',
    '- An error is three lines: what, why, what to do.',
    `- Topics: ${Object.keys(topics)
      .map((name) => `\`pipl help ${name}\``)
      .join(', ')}.`,
    '',
    'Every command takes:',
    '',
    ...rows(shared),
    '| exit status | |',
    '|---:|---|',
    ...topics['exit-codes']!().lines.map((line) => line.trim().replace(/^(\d+) +(.*)$/, '| $1 | $2 |')),
    '',
    ...all.flatMap(section),
  ].join('\n');
}
