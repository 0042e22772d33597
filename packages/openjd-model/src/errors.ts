/**
 * What this package throws on purpose. Every one is an `OpenJdError`: a person wrote something that the
 * specification refuses. Anything else that leaves this package is a bug of ours.
 */
export type ProblemPath = readonly (string | number)[];

/** One thing that is wrong, and where in the document: `['steps', 0, 'name']`. */
export interface Problem {
  readonly path: ProblemPath;
  readonly message: string;
}

/** What an error says: what happened, why, and what to do. One line each, save the list of problems. */
interface Said {
  readonly message: string;
  readonly why?: string;
  readonly hint?: string;
}

export abstract class OpenJdError extends Error {
  abstract readonly code: `OPENJD_${string}`;
  readonly why: string | undefined;
  readonly hint: string | undefined;

  constructor({ message, why, hint }: Said) {
    super(message);
    this.name = new.target.name;
    this.why = why;
    this.hint = hint;
  }
}

/** `steps[0] -> script -> actions`; the whole document is the empty text. */
export function formatPath(path: ProblemPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? part : ` -> ${part}`;
  }
  return text;
}

function listed(model: string, problems: readonly Problem[]): string {
  return problems
    .map(({ path, message }) => `${path.length === 0 ? `${model}: ` : `${formatPath(path)}:\n\t`}${message}`)
    .join('\n');
}

/** A template, or the job made from it, that breaks the specification. Lists everything that is wrong. */
export class TemplateInvalid extends OpenJdError {
  override readonly code = 'OPENJD_TEMPLATE_INVALID';
  readonly problems: readonly Problem[];

  constructor(model: string, problems: readonly Problem[]) {
    const count = `${problems.length} validation error${problems.length === 1 ? '' : 's'} for ${model}`;
    super({
      message: `${count}\n${listed(model, problems)}`,
      why: 'The document does not follow the Open Job Description specification.',
      hint: 'Each problem names its place in the document.',
    });
    this.problems = problems;
  }
}

/** Text that is neither YAML nor JSON, or is too large, too deep or too repetitive to read. */
export class DocumentUnreadable extends OpenJdError {
  override readonly code = 'OPENJD_DOCUMENT_UNREADABLE';
  /** From 1, when the place is known. */
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor(said: Said, place: { line?: number; column?: number } = {}) {
    super(said);
    this.line = place.line;
    this.column = place.column;
  }
}

/** Values given for job parameters that the template does not take. */
export class JobParametersInvalid extends OpenJdError {
  override readonly code = 'OPENJD_JOB_PARAMETERS_INVALID';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super({
      message: problems.map(({ message }) => message).join('\n'),
      why: 'Every job parameter needs a value that obeys its definition.',
      hint: 'Compare the values with `parameterDefinitions` of the template.',
    });
    this.problems = problems;
  }
}

export interface FormatStringFault {
  readonly text: string;
  /** Where the faulty `{{ }}` begins and ends, in UTF-16 units from 0. */
  readonly start: number;
  readonly end: number;
  readonly reason: string;
  /** The reason is an extension that the template did not ask for. */
  readonly needsExtension?: boolean;
  /** The nearest known name, when the fault is an unknown one. */
  readonly suggestion?: string | undefined;
}

/** A format string that cannot be read, or that names something which has no value here. */
export class FormatStringInvalid extends OpenJdError {
  override readonly code = 'OPENJD_FORMAT_STRING_INVALID';
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly reason: string;
  readonly needsExtension: boolean;
  readonly suggestion: string | undefined;

  constructor({ text, start, end, reason, suggestion, needsExtension = false }: FormatStringFault) {
    const meant = suggestion === undefined ? '' : ` Did you mean: ${suggestion}`;
    super({
      message: `Failed to parse interpolation expression at [${start}, ${end}]. ${reason}${meant}`,
      why: 'A format string holds names between {{ and }}, such as {{ Param.Frames }}.',
      ...(suggestion === undefined ? {} : { hint: `Write {{ ${suggestion} }}.` }),
    });
    this.text = text;
    this.start = start;
    this.end = end;
    this.reason = reason;
    this.needsExtension = needsExtension;
    this.suggestion = suggestion;
  }
}

/** A range expression (`1-10:2,20`) that cannot be read. */
export class IntRangeInvalid extends OpenJdError {
  override readonly code = 'OPENJD_INT_RANGE_INVALID';

  constructor(message: string) {
    super({ message, why: 'A range is a list such as 1-10, 20-30:2, 40.' });
  }
}

/** A combination expression (`A * (B, C)`) that cannot be read, or that misuses a parameter. */
export class CombinationInvalid extends OpenJdError {
  override readonly code = 'OPENJD_COMBINATION_INVALID';

  constructor(message: string) {
    super({ message, why: 'Parameters combine with * (every pair) or (A, B) (side by side).' });
  }
}
