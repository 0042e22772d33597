/** Reads the arguments of a command by its table. Options may stand anywhere; `--` ends them. */
import type { CommandLine, Option } from './options.ts';
import { UsageFault } from './report.ts';

export interface Arguments {
  readonly path: string | undefined;
  has(option: string): boolean;
  /** The last value given. */
  value(option: string): string | undefined;
  /** Every value, in the order given. */
  values(option: string): readonly string[];
}

interface Reading {
  readonly line: CommandLine;
  readonly prefix: string;
  readonly given: Map<string, string[]>;
  readonly paths: string[];
}

const keyOf = ({ names }: Option): string => names[0]!;

/** @throws UsageFault naming what cannot be understood */
export function readArguments(command: string, line: CommandLine, args: readonly string[]): Arguments {
  const reading: Reading = { line, prefix: `openjd ${command}: error: `, given: new Map(), paths: [] };
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') {
      reading.paths.push(...rest.splice(0));
    } else if (word.startsWith('-') && word !== '-') {
      takeOption(word, rest, reading);
    } else {
      reading.paths.push(word);
    }
  }
  const { given, paths } = reading;
  const result: Arguments = {
    path: paths[0],
    has: (option) => given.has(option),
    value: (option) => given.get(option)?.at(-1),
    values: (option) => given.get(option) ?? [],
  };
  if (!given.has('--help')) checkWhole(reading);
  return result;
}

function takeOption(word: string, rest: string[], reading: Reading): void {
  const { option, written, attached } = findOption(word, reading);
  const fail = (why: string) => new UsageFault(reading.line.usage, `${reading.prefix}argument ${why}`);
  const shown = option.names.join('/');
  if (option.value === undefined) {
    if (attached !== undefined) throw fail(`${shown}: ignored explicit argument '${attached}'`);
    reading.given.set(keyOf(option), []);
    return;
  }
  const value = attached ?? (isOption(rest[0], reading) ? undefined : rest.shift());
  if (value === undefined) throw fail(`${shown}: expected one argument`);
  if (option.choices && !option.choices.includes(value)) {
    throw fail(`${shown}: invalid choice: '${value}' (choose from ${option.choices.join(', ')})`);
  }
  if (option.integer && !/^[-+]?\d{1,15}$/.test(value))
    throw fail(`${written}: invalid int value: '${value}'`);
  const values = reading.given.get(keyOf(option)) ?? [];
  reading.given.set(keyOf(option), option.repeatable ? [...values, value] : [value]);
  refuseCompany(option, reading, fail);
}

function refuseCompany(option: Option, { line, given }: Reading, fail: (why: string) => UsageFault): void {
  if (option.group === undefined) return;
  const other = line.options.find(
    (one) => one.group === option.group && one.names !== option.names && given.has(keyOf(one)),
  );
  if (other) throw fail(`${option.names.join('/')}: not allowed with argument ${other.names.join('/')}`);
}

const isOption = (word: string | undefined, { line }: Reading): boolean =>
  word === undefined || line.options.some(({ names }) => names.includes(word));

interface Found {
  readonly option: Option;
  readonly written: string;
  /** The value, when it is in the same word: `--step=S`, `-pKEY=1`. */
  readonly attached?: string;
}

/** Exact, then `--name=value`, then an unambiguous beginning of a long name, then a value after a short name. */
function findOption(word: string, { line, prefix }: Reading): Found {
  const [, name = word, attached] = /^(--?[^=]+)=(.*)$/s.exec(word) ?? [];
  const withValue = attached === undefined ? {} : { attached };
  const exact = named(line, word) ?? named(line, name);
  if (exact) return { option: exact, written: name, ...(named(line, word) ? {} : withValue) };
  if (name.startsWith('--')) {
    const near = line.options.filter(({ names }) => names.some((one) => one.startsWith(name)));
    if (near.length === 1) return { option: near[0]!, written: name, ...withValue };
    if (near.length > 1) {
      const could = near.map(keyOf).join(', ');
      throw new UsageFault(line.usage, `${prefix}ambiguous option: ${name} could match ${could}`);
    }
  } else {
    const short = line.options
      .flatMap((option) => option.names.map((one) => ({ option, one })))
      .filter(({ one }) => !one.startsWith('--') && word.startsWith(one))
      .toSorted((a, b) => b.one.length - a.one.length)[0];
    if (short) return { option: short.option, written: short.one, attached: word.slice(short.one.length) };
  }
  throw new UsageFault(line.usage, `${prefix}unrecognized arguments: ${word}`);
}

const named = (line: CommandLine, name: string): Option | undefined =>
  line.options.find(({ names }) => names.includes(name));

function checkWhole({ line, prefix, given, paths }: Reading): void {
  const most = line.path === undefined ? 0 : 1;
  const missing = [
    ...(line.path !== undefined && paths.length === 0 ? ['path'] : []),
    ...line.options.filter((option) => option.required && !given.has(keyOf(option))).map(keyOf),
  ];
  if (missing.length > 0) {
    throw new UsageFault(line.usage, `${prefix}the following arguments are required: ${missing.join(', ')}`);
  }
  if (paths.length > most) {
    throw new UsageFault(line.usage, `${prefix}unrecognized arguments: ${paths.slice(most).join(' ')}`);
  }
}
