/** What other regular expressions have and those of EXPR have not, by name. */
import { ExpressionInvalid } from '../expression-invalid.ts';
import type { PatternReader } from './parse.ts';

export const unsupported = (feature: string): ExpressionInvalid =>
  new ExpressionInvalid(`Unsupported regex feature: ${feature}`);

const groups: readonly (readonly [string, string])[] = [
  ['(?=', 'lookahead'],
  ['(?!', 'negative lookahead'],
  ['(?<=', 'lookbehind'],
  ['(?<!', 'negative lookbehind'],
  ['(?<', '(?<name>...) capture group; use (?P<name>...)'],
];

/** @throws ExpressionInvalid if a group begins here that needs to look around. */
export function refuseGroup(reader: PatternReader): void {
  const found = groups.find(([start]) => reader.starts(start));
  if (found) throw unsupported(found[1]);
}
