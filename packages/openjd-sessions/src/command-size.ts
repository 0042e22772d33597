/**
 * Whether the operating system takes a command line, before a program is started with it: a wrapped command carries
 * all arguments of another (RFC 0008), and what is too long would end as exit code 126 without a word.
 *
 * Linux takes 128 KiB for each argument or variable, and a quarter of the stack's limit for all together, at
 * most 6 MiB; other systems 1 MiB for all (macOS; the least of them).
 */
import { readFileSync } from 'node:fs';

import type { Variables } from './environment-variables.ts';
import { SessionValueError } from './errors.ts';

export interface SystemLimits {
  /** Bytes of one argument, or of one variable with its name, the byte that ends it included. */
  readonly each: number;
  /** Bytes of all arguments and variables together, a pointer for each included. */
  readonly all: number;
}

const pointerBytes = 8;
/** For what a session adds to the variables of every action. */
const spareBytes = 2048;
/** Of the stack's limit, when it says `unlimited` or cannot be read. */
const usualStack = 8 * 1024 * 1024;

/** What this system takes. `limits` is the text of `/proc/self/limits`. */
export function systemLimits(platform: NodeJS.Platform, limits: string): SystemLimits {
  if (platform !== 'linux') return { each: Infinity, all: 1024 * 1024 - spareBytes };
  const stack = Number(/^Max stack size\s+(\d+)/m.exec(limits)?.[1] ?? 4 * usualStack);
  const all = Math.max(128 * 1024, Math.min(stack / 4, (usualStack * 3) / 4));
  return { each: 128 * 1024, all: all - spareBytes };
}

function limitsText(): string {
  try {
    return readFileSync('/proc/self/limits', 'latin1');
  } catch {
    // No /proc: the usual limits hold.
    return '';
  }
}

let known: SystemLimits | undefined;
/** Bytes of variables that can not change any more and were found short enough for this system. */
const counted = new WeakMap<object, number>();

interface Started {
  readonly command: string;
  readonly args: readonly string[];
  readonly variables: Readonly<Variables>;
}

/**
 * @throws SessionValueError if the command line, or it with its variables, is longer than the system takes
 */
export function checkSize(
  { command, args, variables }: Started,
  limits: SystemLimits = (known ??= systemLimits(process.platform, limitsText())),
): void {
  let all = bytesOf(command, { limits, what: () => 'The command' });
  for (const [index, arg] of args.entries()) {
    all += bytesOf(arg, { limits, what: () => `Argument ${index + 1} of ${command}` });
  }
  all += bytesOfVariables(variables, limits);
  if (all > limits.all) throw tooLong(`The command line of ${command}, with its variables,`, all, limits.all);
}

function bytesOfVariables(variables: Readonly<Variables>, limits: SystemLimits): number {
  const before = limits === known ? counted.get(variables) : undefined;
  if (before !== undefined) return before;
  let all = 0;
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) continue;
    all += bytesOf(`${name}=${value}`, { limits, what: () => `The environment variable ${name}` });
  }
  if (limits === known && Object.isFrozen(variables)) counted.set(variables, all);
  return all;
}

/** A pointer to it included. */
function bytesOf(text: string, { limits, what }: { limits: SystemLimits; what: () => string }): number {
  const bytes = Buffer.byteLength(text) + 1;
  if (bytes > limits.each) throw tooLong(what(), bytes, limits.each);
  return bytes + pointerBytes;
}

const tooLong = (what: string, bytes: number, most: number) =>
  new SessionValueError(`${what} is too long for the operating system: ${bytes} bytes, at most ${most}`, {
    why: 'The system refuses to start a program with it.',
    hint: 'Hand it over in an embedded file.',
  });
