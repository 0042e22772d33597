/** Functions of regular expressions. Groups that took no part are empty. */
import { smallOf, stringOf } from '../arguments.ts';
import { charactersOf } from '../characters.ts';
import { ExpressionInvalid } from '../expression-invalid.ts';
import type { Definition, Run, Surroundings } from '../library.ts';
import { Regex } from '../regex/regex.ts';
import { types } from '../types.ts';
import { listFrom, nothing, text, texts } from '../values.ts';
import type { Value } from '../values.ts';

interface Found {
  readonly start: number;
  readonly end: number;
  /** The whole, then every group. */
  readonly parts: readonly string[];
}

function regexOf(source: string, { regexes }: Surroundings): Regex {
  const known = regexes.get(source);
  if (known) return known;
  const made = new Regex(source);
  regexes.set(source, made);
  return made;
}

interface Where {
  readonly from: number;
  readonly isAnchored: boolean;
}

function find(
  regex: Regex,
  subject: readonly string[],
  where: Where,
  { budget }: Surroundings,
): Found | undefined {
  const slots = regex.exec(subject, where, budget);
  if (!slots) return undefined;
  const parts = Array.from({ length: regex.groups + 1 }, (_, index) => {
    const [start, end] = [slots[index * 2], slots[index * 2 + 1]];
    return start === undefined || end === undefined ? '' : subject.slice(start, end).join('');
  });
  return { start: slots[0]!, end: slots[1]!, parts };
}

/** Matches one after the other; an empty one right after another does not count. */
function* findAll(
  regex: Regex,
  subject: readonly string[],
  surroundings: Surroundings,
): Generator<Found, undefined> {
  let [from, lastEnd] = [0, -1];
  while (from <= subject.length) {
    const found = find(regex, subject, { from, isAnchored: false }, surroundings);
    if (!found) return undefined;
    surroundings.budget.spend(1);
    const isEmpty = found.start === found.end;
    if (isEmpty && found.end === lastEnd) {
      from = found.end + 1;
      continue;
    }
    yield found;
    lastEnd = found.end;
    from = found.end;
  }
  return undefined;
}

const one =
  (isAnchored: boolean): Run =>
  ([value, pattern], surroundings) => {
    const regex = regexOf(stringOf(pattern), surroundings);
    const subject = charactersOf(stringOf(value), surroundings.budget);
    const found = find(regex, subject, { from: 0, isAnchored }, surroundings);
    return found ? texts(found.parts) : nothing;
  };

const all: Run = ([value, pattern], surroundings) => {
  const regex = regexOf(stringOf(pattern), surroundings);
  const subject = charactersOf(stringOf(value), surroundings.budget);
  const found = [...findAll(regex, subject, surroundings)];
  if (regex.groups <= 1) return texts(found.map(({ parts }) => parts.at(-1)!));
  const rows = found.map(({ parts }): Value => texts(parts.slice(1)));
  return listFrom(rows, { is: 'list', of: types.string });
};

const substitute: Run = ([value, pattern, replacement], surroundings) => {
  const fresh = stringOf(replacement);
  if (/\\\d|\\g<|\$\d|\$\{/.test(fresh)) {
    throw new ExpressionInvalid('Group references in replacement strings are not supported');
  }
  const subject = charactersOf(stringOf(value), surroundings.budget);
  const pieces: string[] = [];
  let from = 0;
  for (const { start, end } of findAll(regexOf(stringOf(pattern), surroundings), subject, surroundings)) {
    pieces.push(subject.slice(from, start).join(''), fresh);
    surroundings.budget.write(pieces.at(-2)!.length + fresh.length * pieces.length);
    from = end;
  }
  return text(pieces.join('') + subject.slice(from).join(''));
};

const split: Run = ([value, pattern, most], surroundings) => {
  const subject = charactersOf(stringOf(value), surroundings.budget);
  // As Python's `re.split` has it: 0 splits everywhere, less than 0 nowhere.
  const limit = most ? smallOf(most) : 0;
  const regex = regexOf(stringOf(pattern), surroundings);
  const pieces: string[] = [];
  let from = 0;
  if (limit >= 0) {
    for (const { start, end } of findAll(regex, subject, surroundings)) {
      pieces.push(subject.slice(from, start).join(''));
      from = end;
      if (pieces.length === limit) break;
    }
  }
  return texts([...pieces, subject.slice(from).join('')]);
};

const escape: Run = ([value], { budget }) => {
  budget.write(stringOf(value).length * 2);
  return text(stringOf(value).replace(/[\\.+*?()|[\]{}^$#&\-~]/g, '\\$&'));
};

export const regexes: readonly Definition[] = [
  ['re_match', '(string, string) -> list[string]?', one(true)],
  ['re_search', '(string, string) -> list[string]?', one(false)],
  ['re_findall', '(string, string) -> list[string] | list[list[string]]', all],
  ['re_sub', '(string, string, string) -> string', substitute],
  ['re_split', '(string, string) -> list[string]', split],
  ['re_split', '(string, string, int) -> list[string]', split],
  ['re_escape', '(string) -> string', escape],
];
