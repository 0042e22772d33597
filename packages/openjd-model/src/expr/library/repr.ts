/** Values quoted for Python, JSON, POSIX shells, cmd and PowerShell. */
import { listItems, stringOf } from '../arguments.ts';
import { display, floatText, quoteAsciiJson } from '../display.ts';
import type { Definition, Run } from '../library.ts';
import { text } from '../values.ts';
import type { Value } from '../values.ts';

/** No quoting makes a character longer than this. */
const worst = 6;

function lengthOf(value: Value): number {
  if (value.is === 'list') return value.items.reduce((sum, item) => sum + lengthOf(item) + 4, 2);
  return value.is === 'string' || value.is === 'path' ? value.value.length * worst + 2 : 40;
}

const quoted =
  (quote: (value: Value) => string): Run =>
  ([value], { budget }) => {
    if (value?.is === 'list') budget.spend(value.items.length);
    budget.write(lengthOf(value!));
    return text(quote(value!));
  };

const hex = (point: number, digits: number): string => point.toString(16).padStart(digits, '0');

function pythonString(value: string): string {
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
  const named: Readonly<Record<string, string>> = {
    '\\': '\\\\',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    [quote]: `\\${quote}`,
  };
  const characters = [...value].map((character) => {
    const known = named[character];
    if (known !== undefined) return known;
    if (!/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(character)) return character;
    const point = character.codePointAt(0)!;
    if (point < 0x100) return `\\x${hex(point, 2)}`;
    return point < 0x1_0000 ? `\\u${hex(point, 4)}` : `\\U${hex(point, 8)}`;
  });
  return `${quote}${characters.join('')}${quote}`;
}

function python(value: Value): string {
  switch (value.is) {
    case 'nulltype':
      return 'None';
    case 'bool':
      return value.value ? 'True' : 'False';
    case 'list':
      return `[${value.items.map(python).join(', ')}]`;
    case 'int':
    case 'float':
      return display(value);
    default:
      return pythonString(display(value));
  }
}

function json(value: Value): string {
  switch (value.is) {
    case 'list':
      return `[${value.items.map(json).join(', ')}]`;
    case 'nulltype':
    case 'bool':
    case 'int':
      return display(value);
    case 'float':
      return floatText(value);
    default:
      return quoteAsciiJson(display(value));
  }
}

const isShellSafe = /^[A-Za-z0-9_@%+=:,./-]+$/;

function shellWord(value: string): string {
  if (isShellSafe.test(value)) return value;
  if (value.includes("'") && !/["$`\\!]/.test(value)) return `"${value}"`;
  return `'${value.replaceAll("'", `'"'"'`)}'`;
}

/** cmd reads `^`, `%` and `"` inside quotes, and `!` twice; a line end cannot be quoted at all. */
function cmdWord(source: string): string {
  const value = source.replace(/[\r\n]/g, '');
  if (source !== '' && !/[\s"&|<>^%!()]/.test(source)) return value;
  const escaped = value.replace(/[\^"]/g, '^$&').replaceAll('%', '%%').replaceAll('!', '^^!');
  const needsQuotes = /[\s"&|<>^%!()]/.test(value) || value === '';
  return needsQuotes ? `"${escaped}"` : value;
}

function powershell(value: Value): string {
  switch (value.is) {
    case 'nulltype':
      return '$null';
    case 'bool':
      return value.value ? '$true' : '$false';
    case 'int':
    case 'float':
      return display(value);
    case 'list': {
      const items = value.items.map(powershell).join(', ');
      // PowerShell unrolls an array that holds one array; the comma keeps it.
      return value.items.length === 1 && value.items[0]?.is === 'list' ? `@(,${items})` : `@(${items})`;
    }
    default:
      return `'${display(value).replaceAll("'", "''")}'`;
  }
}

const anything = ['int', 'float', 'string', 'bool', 'path', 'nulltype', 'list[T1]', 'range_expr'];
const wordsOnly = ['string', 'path', 'list[string]', 'list[path]', 'list[nulltype]'];

const words =
  (quote: (word: string) => string) =>
  (value: Value): string =>
    value.is === 'list'
      ? listItems(value)
          .map((item) => quote(stringOf(item)))
          .join(' ')
      : quote(stringOf(value));

const define = (name: string, accepted: readonly string[], quote: (value: Value) => string): Definition[] =>
  accepted.map((type) => [name, `(${type}) -> string`, quoted(quote)]);

export const repr: readonly Definition[] = [
  ...define('repr_py', anything, python),
  ...define('repr_json', anything, json),
  ...define('repr_pwsh', anything, powershell),
  ...define('repr_sh', wordsOnly, words(shellWord)),
  ...define('repr_cmd', wordsOnly, words(cmdWord)),
];
