/** The options by which an index is made or changed, the same for both. */
import { indexName } from '@pipl/packl';
import { parseHandler } from '@pipl/project';
import type { IndexSettings } from '@pipl/registry-client';
import type { Command } from 'commander';
import { wholeNumber } from './numbers.ts';

export interface IndexOptions {
  readonly base?: readonly string[];
  readonly volatile?: boolean;
  readonly read?: readonly string[];
  readonly publish?: readonly string[];
  readonly promote?: readonly string[];
  readonly handler?: readonly string[];
  readonly allow?: readonly string[];
  /** megabytes */
  readonly largestDocument?: number | typeof byDefault;
  readonly keep?: number;
  readonly keepDays?: number;
  readonly keepAll?: boolean;
}

const byDefault = 'default';

const megabytesOrDefault = (text: string): number | typeof byDefault =>
  text === byDefault ? byDefault : wholeNumber(text);

export const withIndexOptions = (into: Command): Command =>
  into
    .option('--base <index...>', 'inherit what these hold, nearest first')
    .option('--read <who...>', 'who may read: users, :groups, :AUTHENTICATED:, :ANONYMOUS:, or default')
    .option('--publish <who...>', 'who may publish, or default')
    .option('--promote <who...>', 'who may promote into it, or default')
    .option('--handler <handler...>', 'handlers that may promote into it: qa@alice/stage, or default')
    .option('--allow <name...>', 'a mirror asks for these names only: lodash @types/*, or default')
    .option(
      '--largest-document <MB>',
      'a mirror takes no bigger document of its upstream, or default: 128',
      megabytesOrDefault,
    )
    .option('--keep <count>', 'a volatile index keeps so many newest of each packl', wholeNumber)
    .option('--keep-days <days>', 'and what is younger', wholeNumber)
    .option('--keep-all', 'it keeps everything again');

/** The one word `default` takes a setting back. */
const listOf = (given: readonly string[]) => (given.length === 1 && given[0] === byDefault ? null : given);

export function settingsOf(options: IndexOptions): IndexSettings {
  const { base, volatile, handler, keep, keepDays, keepAll, largestDocument: largest, ...rest } = options;
  const lists = (['read', 'publish', 'promote', 'allow'] as const).flatMap((key) => {
    const given = rest[key];
    return given === undefined ? [] : [[key, listOf(given)] as const];
  });
  const handlers = handler === undefined ? undefined : listOf(handler);
  return {
    ...(base === undefined ? {} : { bases: base.map((one) => indexName(one)) }),
    ...(volatile === undefined ? {} : { volatile }),
    ...(handlers === undefined ? {} : { handlers: handlers === null ? null : handlers.map(parseHandler) }),
    ...(largest === undefined ? {} : { largestDocument: largest === byDefault ? null : largest * 1024 ** 2 }),
    ...retentionOf({ keep, keepDays, keepAll }),
    ...Object.fromEntries(lists),
  };
}

type Keeping = { [Key in 'keep' | 'keepDays' | 'keepAll']: IndexOptions[Key] | undefined };

function retentionOf({ keep, keepDays: days, keepAll }: Keeping): Pick<IndexSettings, 'retention'> {
  if (keepAll === true) return { retention: null };
  if (keep === undefined && days === undefined) return {};
  return { retention: { ...(keep === undefined ? {} : { keep }), ...(days === undefined ? {} : { days }) } };
}
