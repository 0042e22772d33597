/** Reads hints for forms: which control asks for a parameter, and what that control may have. */
import { compareNumberTexts } from './decimal.ts';
import { count, decimalText, integerText } from './number-readers.ts';
import { list, object, optional, required } from './reader.ts';
import type { Place, Reader } from './reader.ts';
import type { FileFilter, JobParameter, ObjectType, UserInterface } from './template-types.ts';
import { anyText, text, textFault } from './text-readers.ts';

const controls: Readonly<Record<string, readonly string[]>> = {
  BOOL: ['CHECK_BOX', 'HIDDEN'],
  RANGE_EXPR: ['LINE_EDIT', 'HIDDEN'],
  'LIST[PATH]': ['CHOOSE_INPUT_FILE_LIST', 'CHOOSE_OUTPUT_FILE_LIST', 'CHOOSE_DIRECTORY_LIST', 'HIDDEN'],
  'LIST[INT]': ['SPIN_BOX_LIST', 'HIDDEN'],
  'LIST[FLOAT]': ['SPIN_BOX_LIST', 'HIDDEN'],
  'LIST[STRING]': ['LINE_EDIT_LIST', 'HIDDEN'],
  'LIST[BOOL]': ['CHECK_BOX_LIST', 'HIDDEN'],
  'LIST[LIST[INT]]': ['HIDDEN'],
  STRING: ['LINE_EDIT', 'MULTILINE_EDIT', 'DROPDOWN_LIST', 'CHECK_BOX', 'HIDDEN'],
  PATH: ['CHOOSE_INPUT_FILE', 'CHOOSE_OUTPUT_FILE', 'CHOOSE_DIRECTORY', 'DROPDOWN_LIST', 'HIDDEN'],
  INT: ['SPIN_BOX', 'DROPDOWN_LIST', 'HIDDEN'],
  FLOAT: ['SPIN_BOX', 'DROPDOWN_LIST', 'HIDDEN'],
};

/** Controls with which one types or picks freely, so a list of allowed values contradicts them. */
const free = ['LINE_EDIT', 'MULTILINE_EDIT', 'CHOOSE_INPUT_FILE', 'CHOOSE_OUTPUT_FILE', 'CHOOSE_DIRECTORY'];
const fileChoosers = [
  'CHOOSE_INPUT_FILE',
  'CHOOSE_OUTPUT_FILE',
  'CHOOSE_INPUT_FILE_LIST',
  'CHOOSE_OUTPUT_FILE_LIST',
];
const booleanPairs = ['FALSE TRUE', 'NO YES', 'OFF ON', '0 1'];

const fileFilter: Reader<FileFilter> = object('FileFilter', {
  label: required(text({ most: ({ limits }) => limits.label, control: 'none' })),
  patterns: required(
    list(text({ most: ({ limits }) => limits.fileFilterPattern }), {
      empty: 'must not be empty.',
      most: ({ limits }) => limits.fileFilterPatterns,
    }),
  ),
});

const common = {
  control: optional(anyText),
  label: optional(anyText),
  groupLabel: optional(anyText),
};

const pathInterface: Reader<UserInterface> = object('PathUserInterface', {
  ...common,
  fileFilters: optional(
    list(fileFilter, { empty: 'must not be empty.', most: ({ limits }) => limits.fileFilters }),
  ),
  fileFilterDefault: optional(fileFilter),
});

const integerInterface: Reader<UserInterface> = object('IntUserInterface', {
  ...common,
  singleStepDelta: optional(integerText),
});

const decimalInterface: Reader<UserInterface> = object('FloatUserInterface', {
  ...common,
  decimals: optional(count),
  singleStepDelta: optional(decimalText),
});

const readers: Readonly<Partial<Record<JobParameter['type'], Reader<UserInterface>>>> = {
  STRING: object('StringUserInterface', common),
  PATH: pathInterface,
  INT: integerInterface,
  FLOAT: decimalInterface,
  'LIST[PATH]': pathInterface,
  'LIST[INT]': integerInterface,
  'LIST[FLOAT]': decimalInterface,
};

export const userInterface = (type: JobParameter['type']): Reader<UserInterface> =>
  readers[type] ?? object('UserInterface', common);

interface Asked {
  readonly name: string;
  readonly type: JobParameter['type'];
  readonly allowedValues?: readonly string[];
  readonly objectType?: ObjectType;
  readonly userInterface?: UserInterface;
}

/** Problems are told of the parameter, where its type, its values and its control meet. */
export function checkUserInterface(parameter: Asked, place: Place): void {
  const { name, type, userInterface: shown } = parameter;
  if (!shown) return;
  const say = (message: string) => void place.say(`Parameter '${name}': ${message}`);
  for (const field of ['label', 'groupLabel'] as const) {
    const label = shown[field];
    const options = { most: () => place.rules.limits.label, control: 'none' } as const;
    const fault = label === undefined ? undefined : textFault(label, options, place.rules);
    if (fault !== undefined) say(`${field} ${fault}`);
  }
  if (shown.control !== undefined && !(controls[type] ?? []).includes(shown.control)) {
    say(`unknown control '${shown.control}'.`);
    return;
  }
  checkAllowedValues(type, shown.control, parameter.allowedValues, say);
  checkNumberFields(shown, say);
  checkFileFields(parameter, shown, say);
}

type Say = (message: string) => void;

function checkAllowedValues(
  type: JobParameter['type'],
  control: string | undefined,
  allowed: readonly string[] | undefined,
  say: Say,
): void {
  if (allowed && control === 'SPIN_BOX') say('SPIN_BOX cannot be used with allowedValues.');
  else if (allowed && control !== undefined && free.includes(control)) {
    say(
      control.startsWith('CHOOSE')
        ? `${control} cannot be used with allowedValues.`
        : `control '${control}' cannot be used with allowedValues.`,
    );
  }
  if (!allowed && control === 'DROPDOWN_LIST') say('DROPDOWN_LIST requires allowedValues.');
  if (control !== 'CHECK_BOX' || type === 'BOOL') return;
  if (allowed?.length !== 2) say('CHECK_BOX requires exactly 2 allowedValues.');
  else if (
    !booleanPairs.includes(
      allowed
        .map((value) => value.toUpperCase())
        .toSorted()
        .join(' '),
    )
  ) {
    say('CHECK_BOX allowedValues must be a valid boolean pair.');
  }
}

function checkNumberFields({ control, decimals, singleStepDelta }: UserInterface, say: Say): void {
  const wrong = control === 'HIDDEN' ? 'not valid with HIDDEN.' : 'only valid with SPIN_BOX.';
  if (control !== undefined && control !== 'SPIN_BOX' && control !== 'SPIN_BOX_LIST') {
    if (decimals !== undefined) say(`decimals is ${wrong}`);
    if (singleStepDelta !== undefined) say(`singleStepDelta is ${wrong}`);
  }
  if (singleStepDelta !== undefined && compareNumberTexts(singleStepDelta, '0') <= 0) {
    say('singleStepDelta must be positive.');
  }
}

function checkFileFields({ objectType }: Asked, shown: UserInterface, say: Say): void {
  const { control, fileFilters, fileFilterDefault } = shown;
  const choosesFile = control !== undefined && fileChoosers.includes(control);
  if (choosesFile && objectType === 'DIRECTORY') say(`${control} requires objectType FILE.`);
  if (control === 'CHOOSE_DIRECTORY' && objectType === 'FILE') {
    say('CHOOSE_DIRECTORY requires objectType DIRECTORY.');
  }
  if (control !== undefined && !choosesFile) {
    if (fileFilters) say('fileFilters only valid with file chooser controls.');
    if (fileFilterDefault) say('fileFilterDefault only valid with file chooser controls.');
  }
  const filters = [...(fileFilters ?? []), ...(fileFilterDefault ? [fileFilterDefault] : [])];
  for (const pattern of filters.flatMap(({ patterns }) => patterns)) checkPattern(pattern, say);
}

/** `*`, `*.*` or `*.` and an extension that no file system or shell reads as more than text. */
function checkPattern(pattern: string, say: Say): void {
  if (pattern === '*' || pattern === '*.*') return;
  if (!pattern.startsWith('*.')) {
    say(`file filter pattern '${pattern}' must be *, *.* or *.<extension>.`);
    return;
  }
  const extension = pattern.slice(2);
  if (extension === '') say(`file filter pattern '${pattern}' has empty extension.`);
  // oxlint-disable-next-line no-control-regex -- control characters are among the disallowed
  const wrong = /[\u0000-\u001F\u007F-\u009F\\/*?[\]#%&{}<>$!'":@`|=]/.exec(extension)?.[0];
  if (wrong !== undefined) say(`file filter pattern '${pattern}' contains disallowed character '${wrong}'.`);
}
