/** Every function, operator and property of EXPR; on a host, also the mapping of paths. */
import { stringOf } from './arguments.ts';
import { arithmetic } from './library/arithmetic.ts';
import { comparison } from './library/comparison.ts';
import { conversion } from './library/conversion.ts';
import { lists } from './library/lists.ts';
import { math } from './library/math.ts';
import { paths, pathValue } from './library/paths.ts';
import { regexes } from './library/regexes.ts';
import { repr } from './library/repr.ts';
import { stringSearch } from './library/string-search.ts';
import { strings } from './library/strings.ts';
import { libraryOf } from './library.ts';
import type { Definition, Library } from './library.ts';
import { types } from './types.ts';
import { unresolved } from './values.ts';

const everywhere: readonly Definition[] = [
  ...arithmetic,
  ...strings,
  ...lists,
  ...comparison,
  ...math,
  ...stringSearch,
  ...conversion,
  ...paths,
  ...repr,
  ...regexes,
];

export const templateLibrary: Library = libraryOf(everywhere);

/** `map` gives a path its place on this machine; without it, what it gives is a path not known yet. */
export const hostLibrary = (map?: (path: string) => string): Library =>
  libraryOf([
    ...everywhere,
    [
      'apply_path_mapping',
      '(string) -> path',
      ([path], { pathFormat }) => (map ? pathValue(map(stringOf(path)), pathFormat) : unresolved(types.path)),
    ],
  ]);
