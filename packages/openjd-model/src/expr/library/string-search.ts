/** Finding, counting, replacing and splitting text. Positions count code points. */
import { smallOf, stringOf } from '../arguments.ts';
import { ExpressionInvalid } from '../expression-invalid.ts';
import type { Definition, Run, Surroundings } from '../library.ts';
import { codePoints } from '../../code-points.ts';
import { boolean, integer, text, texts } from '../values.ts';
import type { Value } from '../values.ts';
import { space } from './strings.ts';

function bothOf([value, part]: readonly Value[], { budget }: Surroundings): [string, string] {
  budget.spendText(stringOf(value).length);
  return [stringOf(value), stringOf(part)];
}

/** `needs` says that not finding is a mistake. */
const search =
  (name: string, fromEnd: boolean, needs: boolean): Run =>
  (args, surroundings) => {
    const [value, part] = bothOf(args, surroundings);
    if (part === '') throw new ExpressionInvalid(`${name} failed: empty substring`);
    const at = fromEnd ? value.lastIndexOf(part) : value.indexOf(part);
    if (at < 0 && needs) throw new ExpressionInvalid(`${name} failed: substring '${part}' not found`);
    return integer(at < 0 ? -1 : codePoints(value.slice(0, at)));
  };

const count: Run = (args, surroundings) => {
  const [value, part] = bothOf(args, surroundings);
  if (part === '') throw new ExpressionInvalid('count failed: empty substring');
  return integer(value.split(part).length - 1);
};

const replace: Run = (args, surroundings) => {
  const [value, old] = bothOf(args, surroundings);
  const fresh = stringOf(args[2]);
  if (old === '') throw new ExpressionInvalid('replace failed: empty old string');
  const pieces = value.split(old);
  surroundings.budget.write(value.length + (pieces.length - 1) * Math.max(fresh.length - old.length, 0));
  return text(pieces.join(fresh));
};

/** By spaces: none before, after, or doubled. */
function words(value: string): string[] {
  const found: string[] = [];
  let word = '';
  for (const character of value) {
    if (!space.test(character)) word += character;
    else if (word !== '') {
      found.push(word);
      word = '';
    }
  }
  return word === '' ? found : [...found, word];
}

function splits(name: 'split' | 'rsplit'): Definition[] {
  const bySpace: Run = ([value], { budget }) => {
    budget.spend(Math.ceil(stringOf(value).length / 2));
    return texts(words(stringOf(value)));
  };
  const bySeparator: Run = (args, surroundings) => {
    const [value, separator] = bothOf(args, surroundings);
    if (separator === '') throw new ExpressionInvalid('split failed: empty separator');
    const most = args[2] ? smallOf(args[2]) : -1;
    const all = value.split(separator);
    surroundings.budget.spend(all.length);
    if (most < 0 || all.length - 1 <= most) return texts(all);
    const cut = name === 'split' ? most : all.length - 1 - most;
    return texts(
      name === 'split'
        ? [...all.slice(0, cut), all.slice(cut).join(separator)]
        : [all.slice(0, cut + 1).join(separator), ...all.slice(cut + 1)],
    );
  };
  return [
    [name, '(string) -> list[string]', bySpace],
    [name, '(string, string) -> list[string]', bySeparator],
    [name, '(string, string, int) -> list[string]', bySeparator],
  ];
}

const onBoth =
  (operate: (value: string, part: string) => Value): Run =>
  (args, surroundings) =>
    operate(...bothOf(args, surroundings));

export const stringSearch: readonly Definition[] = [
  ['startswith', '(string, string) -> bool', onBoth((value, part) => boolean(value.startsWith(part)))],
  ['endswith', '(string, string) -> bool', onBoth((value, part) => boolean(value.endsWith(part)))],
  ['find', '(string, string) -> int', search('find', false, false)],
  ['rfind', '(string, string) -> int', search('rfind', true, false)],
  ['index', '(string, string) -> int', search('index', false, true)],
  ['rindex', '(string, string) -> int', search('rindex', true, true)],
  ['count', '(string, string) -> int', count],
  ['replace', '(string, string, string) -> string', replace],
  [
    'removeprefix',
    '(string, string) -> string',
    onBoth((value, part) => text(value.startsWith(part) ? value.slice(part.length) : value)),
  ],
  [
    'removesuffix',
    '(string, string) -> string',
    onBoth((value, part) => text(part !== '' && value.endsWith(part) ? value.slice(0, -part.length) : value)),
  ],
  ...splits('split'),
  ...splits('rsplit'),
];
