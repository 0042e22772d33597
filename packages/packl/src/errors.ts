/**
 * What pipl throws on purpose. Anything else that reaches the top is a bug.
 *
 * Every error says what happened (`message`), why (`why`) and what to do (`hint`), one line each.
 * `code` is stable, `exitStatus` is what the command line ends with, `retryable` is the one question a
 * caller may ask of any of them. Over HTTP an error travels as its {@link ErrorBody}.
 */
export const exitStatuses = {
  ok: 0,
  bug: 1,
  usage: 2,
  notFound: 3,
  conflict: 4,
  auth: 5,
  denied: 6,
  invalid: 7,
  unreachable: 8,
  taskFailed: 9,
  timeout: 10,
  unresolvable: 11,
  interrupted: 130,
} as const;

export type ErrorKind = Exclude<keyof typeof exitStatuses, 'ok' | 'bug' | 'interrupted'>;

/** The HTTP status that carries an error of each kind. */
export const httpStatuses: Record<ErrorKind, number> = {
  usage: 400,
  notFound: 404,
  conflict: 409,
  auth: 401,
  denied: 403,
  invalid: 422,
  unreachable: 503,
  taskFailed: 424,
  timeout: 504,
  unresolvable: 424,
};

/** An error as JSON: what the server answers and what `--json` prints. */
export interface ErrorBody {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly message: string;
  readonly why?: string;
  readonly hint?: string;
  /** All the problems, when there are several: one line each. */
  readonly problems?: readonly string[];
}

export class PiplError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly why: string | undefined;
  readonly hint: string | undefined;
  readonly problems: readonly string[];

  constructor(body: ErrorBody, options: { cause?: unknown } = {}) {
    super(body.message, options);
    this.name = 'PiplError';
    this.code = body.code;
    this.kind = body.kind;
    this.why = body.why;
    this.hint = body.hint;
    this.problems = body.problems ?? [];
  }

  get exitStatus(): number {
    return exitStatuses[this.kind];
  }

  get retryable(): boolean {
    return this.kind === 'unreachable' || this.kind === 'timeout';
  }

  toJSON(): ErrorBody {
    const { code, kind, message, why, hint, problems } = this;
    return {
      code,
      kind,
      message,
      ...(why === undefined ? {} : { why }),
      ...(hint === undefined ? {} : { hint }),
      ...(problems.length === 0 ? {} : { problems }),
    };
  }
}

/** @param code stable, e.g. `PIPL_VERSION_TAKEN` */
export function piplError(
  kind: ErrorKind,
  code: `PIPL_${string}`,
  text: { what: string; why?: string; hint?: string; problems?: readonly string[]; cause?: unknown },
): PiplError {
  const { what, why, hint, problems, cause } = text;
  return new PiplError(
    {
      code,
      kind,
      message: what,
      ...(why === undefined ? {} : { why }),
      ...(hint === undefined ? {} : { hint }),
      ...(problems === undefined ? {} : { problems }),
    },
    cause === undefined ? {} : { cause },
  );
}

/** Reads an error back from what a server answered; undefined when the body is not one of ours. */
export function errorFromBody(body: unknown): PiplError | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { code, kind, message } = body as Partial<ErrorBody>;
  if (typeof code !== 'string' || typeof message !== 'string') return undefined;
  if (kind === undefined || !(kind in httpStatuses)) return undefined;
  return new PiplError(body as ErrorBody);
}

export const versionTaken = (spec: string, index: string): PiplError =>
  piplError('conflict', 'PIPL_VERSION_TAKEN', {
    what: `${spec} is already published in ${index}.`,
    why: 'A version in a stable index never changes.',
    hint: 'Choose the next one with `pipl packl bump patch`, or publish to a volatile index.',
  });
