/** Reads actions, how they are canceled, and the files that scripts carry. */
import { parseInteger } from './number-readers.ts';
import { boolean, checked, describe, isMap, list, object, oneOf, optional, required } from './reader.ts';
import type { Place, Reader } from './reader.ts';
import type {
  ActionTemplate,
  CancelationTemplate,
  EmbeddedFileTemplate,
  SecondsOrFormat,
} from './template-types.ts';
import { formatText, identifier, isFormat, text } from './text-readers.ts';

export const cancelationModes = ['TERMINATE', 'NOTIFY_THEN_TERMINATE'] as const;

/** Why a value is not a positive number of seconds, or nothing. Also asked of resolved format strings. */
export function secondsFault(value: unknown, field: string, most: number = Infinity): string | undefined {
  const isNumber = typeof value === 'number' && Number.isInteger(value);
  const parsed = isNumber ? BigInt(value) : typeof value === 'string' ? parseInteger(value) : undefined;
  if (parsed === undefined) return `${field} must be a positive integer.`;
  if (parsed <= 0n) return `${field} must be > 0.`;
  return parsed > most ? `${field} must be <= ${most}.` : undefined;
}

/** A positive number of seconds. Its problems are told of the action, `levels` above. */
function seconds(field: 'timeout' | 'notifyPeriodInSeconds', levels: number): Reader<SecondsOrFormat> {
  return (value, place) => {
    const action = place.up(levels);
    if (typeof value === 'string' && isFormat(value)) {
      if (place.rules.allows('FEATURE_BUNDLE_1')) return formatText()(value, place);
      return action.say(`format strings in ${field} are not allowed.`);
    }
    const most = field === 'timeout' ? undefined : place.rules.limits.notifyPeriodInSeconds;
    const fault = secondsFault(value, field, most);
    return fault === undefined ? Number(value) : action.say(fault);
  };
}

const notifyThenTerminate = object('CancelationMethodNotifyThenTerminate', {
  mode: required(oneOf('NOTIFY_THEN_TERMINATE')),
  notifyPeriodInSeconds: optional(seconds('notifyPeriodInSeconds', 2)),
});

const mode = oneOf(...cancelationModes);

function terminate(value: Readonly<Record<string, unknown>>, place: Place): CancelationTemplate | undefined {
  const extra = Object.keys(value).filter((key) => key !== 'mode');
  for (const key of extra) place.say(`unknown field \`${key}\`, TERMINATE accepts no additional fields`);
  return extra.length === 0 ? { mode: 'TERMINATE' } : undefined;
}

/** With FEATURE_BUNDLE_1 the mode may depend on values; then a period is allowed, and ignored by `TERMINATE`. */
const modeFromValues = object('CancelationMethod', {
  mode: required(formatText()),
  notifyPeriodInSeconds: optional(seconds('notifyPeriodInSeconds', 2)),
});

const cancelation: Reader<CancelationTemplate> = (value, place) => {
  if (!isMap(value)) return place.say(`invalid type: ${describe(value)}, expected a map`);
  const { mode: written } = value;
  if (written === undefined) return place.say('missing field `mode`');
  if (typeof written === 'string' && isFormat(written)) {
    if (place.rules.allows('FEATURE_BUNDLE_1')) return modeFromValues(value, place);
    return place.up(1).say('a format string in cancelation mode requires the FEATURE_BUNDLE_1 extension.');
  }
  switch (mode(written, place.at('mode'))) {
    case 'TERMINATE':
      return terminate(value, place);
    case 'NOTIFY_THEN_TERMINATE':
      return notifyThenTerminate(value, place);
    default:
      return undefined;
  }
};

const command = formatText({ control: 'none' });
/** The specification forbids control characters; scripts of several lines are too common to refuse those. */
const argument = formatText({ mayBeEmpty: true, control: 'lines' });

/** What an action and a simple action have in common. */
export const actionFields = {
  args: optional(list(argument, { empty: 'if provided, must not be empty.' })),
  cancelation: optional(cancelation),
  timeout: optional(seconds('timeout', 1)),
};

export const action: Reader<ActionTemplate> = object('Action', {
  command: required(command),
  ...actionFields,
});

const readFilename = text({ most: ({ limits }) => limits.filename, control: 'none' });

/** The last part of a path: a file of a session stays in the folder that the session gives it. */
const filename: Reader<string> = (value, place) => {
  const read = readFilename(value, place);
  if (read === undefined) return undefined;
  if (/[/\\]/.test(read)) return place.say('must not contain path separators.');
  return read === '.' || read === '..' ? place.say('must be the name of a file.') : read;
};

const embeddedFile: Reader<EmbeddedFileTemplate> = object('EmbeddedFile', {
  name: required(identifier),
  type: required(oneOf('TEXT')),
  filename: optional(filename),
  runnable: optional(boolean),
  data: required(formatText()),
  endOfLine: optional(oneOf('AUTO', 'LF', 'CRLF'), 'FEATURE_BUNDLE_1'),
});

export const embeddedFiles = checked(list(embeddedFile, { empty: 'must not be empty.' }), (files, place) => {
  const seen = new Set<string>();
  for (const [index, { name }] of files.entries()) {
    if (seen.has(name)) place.at(index).say(`duplicate embedded file name '${name}'.`);
    seen.add(name);
  }
});
