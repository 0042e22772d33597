/** Paths: building them, their parts as properties, and what can be asked of them. */
import { intOf, listItems, stringOf } from '../arguments.ts';
import { ExpressionInvalid } from '../expression-invalid.ts';
import type { Definition, Run, Surroundings } from '../library.ts';
import {
  appendPath,
  isAbsolute,
  isUri,
  joinPath,
  splitName,
  splitPath,
  suffixesOf,
  tidyPath,
  withNumber,
} from '../path-text.ts';
import { boolean, text, texts } from '../values.ts';
import type { PathFormat, Value } from '../values.ts';

/** A path value. Windows paths have backslashes. */
export const pathValue = (path: string, format: PathFormat): Value => ({
  is: 'path',
  value: format === 'WINDOWS' && !isUri(path) ? path.replaceAll('/', '\\') : path,
});

const nameOf = (path: string, format: PathFormat): string => splitPath(path, format).parts.at(-1) ?? '';

const parentOf = (path: string, format: PathFormat): string => {
  const { anchor, parts } = splitPath(path, format);
  return joinPath({ anchor, parts: parts.slice(0, -1) }, format);
};

function renamed(path: string, name: string, format: PathFormat): string {
  const { anchor, parts } = splitPath(path, format);
  return joinPath({ anchor, parts: [...parts.slice(0, -1), name] }, format);
}

type Rename = (name: string, added: string) => string | undefined;

/** `change` gives the new name, or nothing if the argument is no good. */
const rename =
  (what: string, argument: string, change: Rename): Run =>
  ([path, added], { pathFormat, budget }) => {
    const [old, wanted] = [stringOf(path), stringOf(added)];
    budget.write(old.length + wanted.length);
    const name = nameOf(old, pathFormat);
    if (name === '') throw new ExpressionInvalid(`${what}: '${old}' has an empty name`);
    const fresh = change(name, wanted);
    if (fresh !== undefined) return pathValue(renamed(old, fresh, pathFormat), pathFormat);
    throw new ExpressionInvalid(`${what}: Invalid ${argument} '${wanted}'`);
  };

const isName = (name: string): boolean => name !== '' && name !== '.' && !/[/\\]/.test(name);

const numbered = ([value, number]: readonly Value[], { pathFormat }: Surroundings): string => {
  const path = stringOf(value);
  const name = nameOf(path, pathFormat);
  if (name === '') throw new ExpressionInvalid(`with_number: '${path}' has an empty name`);
  const { stem, suffix } = splitName(name);
  const end = path.lastIndexOf(name);
  return path.slice(0, end) + withNumber(stem, intOf(number)) + suffix;
};

/** The parts after those of the base, or nothing if it is elsewhere. */
function below([path, base]: readonly Value[], format: PathFormat): readonly string[] | undefined {
  const [own, other] = [path, base].map((value) => splitPath(stringOf(value), format));
  const otherParts = other!.parts.at(-1) === '' ? other!.parts.slice(0, -1) : other!.parts;
  if (own!.anchor !== other!.anchor) return undefined;
  const starts = otherParts.every((part, index) => own!.parts[index] === part);
  return starts ? own!.parts.slice(otherParts.length) : undefined;
}

const relativeTo: Run = (args, { pathFormat }) => {
  const parts = below(args, pathFormat);
  if (parts) return pathValue(joinPath({ anchor: '', parts }, pathFormat), pathFormat);
  const [path, base] = args.map(stringOf);
  throw new ExpressionInvalid(`relative_to failed: '${path}' is not relative to '${base}'`);
};

const isRelativeTo: Run = (args, { pathFormat }) => boolean(below(args, pathFormat) !== undefined);

const append: Run = ([path, added], { pathFormat, budget }) => {
  budget.write(stringOf(path).length + stringOf(added).length);
  return pathValue(appendPath(stringOf(path), stringOf(added), pathFormat), pathFormat);
};

const fromParts: Run = ([list], { pathFormat, budget }) => {
  const parts = listItems(list).map(stringOf);
  budget.spend(parts.length);
  budget.write(parts.reduce((sum, part) => sum + part.length + 1, 0));
  const [first = ''] = parts;
  if (isUri(first)) return pathValue(parts.join('/'), pathFormat);
  const plain = parts.map((part) => (isUri(part) ? part.replaceAll('//', '/') : part));
  const whole = plain
    .filter((part) => part !== '')
    .reduce((base, part) => appendPath(base, part, pathFormat), '');
  return pathValue(tidyPath(whole, pathFormat), pathFormat);
};

const property = (
  name: string,
  result: string,
  read: (path: string, format: PathFormat) => Value,
): Definition => [
  `__property_${name}__`,
  `(path) -> ${result}`,
  ([path], { pathFormat }) => read(stringOf(path), pathFormat),
];

const partsOf = (path: string, format: PathFormat): Value => {
  const { anchor, parts } = splitPath(path, format);
  return texts(anchor === '' ? parts : [anchor, ...parts]);
};

export const paths: readonly Definition[] = [
  ['path', '(path) -> path', ([value]) => value!],
  [
    'path',
    '(string) -> path',
    ([value], { pathFormat }) => pathValue(tidyPath(stringOf(value), pathFormat), pathFormat),
  ],
  ['path', '(list[string]) -> path', fromParts],
  ['__truediv__', '(path, string) -> path', append],
  ['__truediv__', '(path, path) -> path', append],
  [
    '__add__',
    '(path, string) -> path',
    ([path, added], { pathFormat, budget }) => {
      budget.write(stringOf(path).length + stringOf(added).length);
      return pathValue(stringOf(path) + stringOf(added), pathFormat);
    },
  ],
  [
    'as_posix',
    '(path) -> string',
    ([path], { pathFormat }) =>
      text(pathFormat === 'WINDOWS' ? stringOf(path).replaceAll('\\', '/') : stringOf(path)),
  ],
  [
    'with_name',
    '(path, string) -> path',
    rename('with_name', 'name', (_, name) => (isName(name) ? name : undefined)),
  ],
  [
    'with_stem',
    '(path, string) -> path',
    rename('with_stem', 'stem', (name, stem) => (isName(stem) ? stem + splitName(name).suffix : undefined)),
  ],
  [
    'with_suffix',
    '(path, string) -> path',
    rename('with_suffix', 'suffix', (name, suffix) =>
      suffix === '' || /^\.[^/\\]+$/.test(suffix) ? splitName(name).stem + suffix : undefined,
    ),
  ],
  [
    'with_number',
    '(path, int) -> path',
    (args, around) => pathValue(numbered(args, around), around.pathFormat),
  ],
  ['with_number', '(string, int) -> string', (args, around) => text(numbered(args, around))],
  [
    'is_absolute',
    '(path) -> bool',
    ([path], { pathFormat }) => boolean(isAbsolute(stringOf(path), pathFormat)),
  ],
  ['is_relative_to', '(path, path) -> bool', isRelativeTo],
  ['is_relative_to', '(path, string) -> bool', isRelativeTo],
  ['relative_to', '(path, path) -> path', relativeTo],
  ['relative_to', '(path, string) -> path', relativeTo],
  property('name', 'string', (path, format) => text(nameOf(path, format))),
  property('stem', 'string', (path, format) => text(splitName(nameOf(path, format)).stem)),
  property('suffix', 'string', (path, format) => text(splitName(nameOf(path, format)).suffix)),
  property('suffixes', 'list[string]', (path, format) => texts(suffixesOf(nameOf(path, format)))),
  property('parent', 'path', (path, format) => pathValue(parentOf(path, format), format)),
  property('parts', 'list[string]', partsOf),
];
