/** The three ways to give job parameters (`-p`), and the documents that other options take in the same ways. */
import type { GivenValues } from '@pipl/openjd-model';
import { CommandFault, isOnPurpose } from './report.ts';
import { documentOf, readText } from './template-file.ts';

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const howTo =
  "It must be key=value pairs, inline JSON, or a path to a JSON or YAML document prefixed with 'file://'.";

/** What stands in the file of a `file://` argument. @throws CommandFault */
export function fileArgument(argument: string, cwd: string): unknown {
  const path = argument.slice('file://'.length);
  const text = readText(path, { cwd, what: 'parameter file' });
  try {
    return documentOf(text, path);
  } catch (error) {
    if (!isOnPurpose(error)) throw error;
    throw new CommandFault('invalid', `Parameter file '${path}' is formatted incorrectly: ${error.message}`, {
      cause: error,
    });
  }
}

/** @returns undefined unless the text is JSON */
export function inlineJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The values of all `-p`, in their order. @throws CommandFault */
export function jobParameterArguments(given: readonly string[], cwd: string): GivenValues {
  const values: Record<string, unknown> = {};
  for (const argument of given.map((text) => text.trim())) Object.assign(values, oneArgument(argument, cwd));
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, plain(name, value)] as const),
  );
}

function oneArgument(argument: string, cwd: string): Record<string, unknown> {
  if (argument.startsWith('file://')) {
    const values = fileArgument(argument, cwd);
    if (isMap(values)) return values;
    throw new CommandFault('invalid', `Job parameter file '${argument}' should contain a dictionary.`);
  }
  if (/^\{.*\}$/s.test(argument)) {
    // Read as a document, so that integers beyond a double keep their digits.
    const values = inlineJson(argument) === undefined ? undefined : documentOf(argument, 'inline');
    if (isMap(values)) return values;
  } else {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(argument) ?? [];
    if (name !== undefined && value !== undefined) return { [name]: value };
  }
  throw new CommandFault('usage', `Job parameter string ('${argument}') not formatted correctly. ${howTo}`);
}

/** Lists travel as JSON text, numbers that are not plain ones as they were written. */
function plain(name: string, value: unknown): string | number | boolean {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return jsonText(value);
  if (value === null || value === undefined || isMap(value)) {
    const numberLike = isMap(value) && Object.getPrototypeOf(value) !== Object.prototype;
    if (!numberLike)
      throw new CommandFault('invalid', `The value of job parameter '${name}' is not a value.`);
  }
  return String(value);
}

function jsonText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(', ')}]`;
  const isPlain = value === null || ['string', 'boolean'].includes(typeof value);
  return isPlain ? JSON.stringify(value) : String(value);
}
