/** Help texts, made from the table of options. Eighty columns. */
import { commandLines, type CommandLine, type CommandName } from './options.ts';

const width = 80;
const indent = 24;

export function generalHelp(): string {
  const commands = Object.entries(commandLines).map(([name, { about }]) => row(name, about));
  return [
    'usage: openjd <command> [arguments]',
    '',
    'options:',
    row('-h, --help', 'Show this help and exit.'),
    row('--version', 'Print the version and exit.'),
    '',
    'commands:',
    ...commands,
    '',
    'openjd <command> --help explains a command.',
  ].join('\n');
}

export function commandHelp(name: CommandName): string {
  const line: CommandLine = commandLines[name];
  const positional = line.path === undefined ? [] : ['', 'positional arguments:', row('path', line.path)];
  return [`usage: ${line.usage}`, '', line.about, ...positional, '', 'options:', ...optionRows(name)].join(
    '\n',
  );
}

export function optionRows(name: CommandName): string[] {
  const { options }: CommandLine = commandLines[name];
  return options.map(({ names, value, about }) =>
    row(names.map((one) => (value === undefined ? one : `${one} ${value}`)).join(', '), about),
  );
}

function row(left: string, about: string): string {
  const lines = wrapped(about, width - indent);
  const first = left.length + 4 <= indent ? `  ${left}`.padEnd(indent) + (lines.shift() ?? '') : `  ${left}`;
  return [first, ...lines.map((line) => ' '.repeat(indent) + line)].join('\n');
}

function wrapped(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > most) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
