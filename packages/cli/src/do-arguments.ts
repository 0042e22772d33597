/**
 * Arguments of a task's command from a command line: `--frame 3 --fast --name=x`. Its JSON Schema, from the manifest,
 * says what each is; what the type itself refuses it refuses when the command runs.
 */
import { piplError } from '@pipl/packl';
import { closest } from './closest.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

interface Property {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
}

export const propertiesOf = (schema: JsonSchema = {}): Readonly<Record<string, Property>> =>
  (schema['properties'] ?? {}) as Readonly<Record<string, Property>>;

/** @throws PIPL_ARGUMENTS (exit 2) */
export function readArguments(words: readonly string[], command: string, schema: JsonSchema | undefined) {
  const properties = propertiesOf(schema);
  const found: Record<string, unknown> = {};
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const [, name, inline] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined) throw notUnderstood(command, `${word} is no option.`, properties);
    const { type } = properties[name] ?? {};
    if (schema !== undefined && properties[name] === undefined)
      throw notUnderstood(command, `it has no --${name}${suggestion(name, properties)}.`, properties);
    const isFlag = type === 'boolean' && inline === undefined;
    const text = inline ?? (isFlag ? 'true' : left.shift());
    if (text === undefined) throw notUnderstood(command, `--${name} needs a value.`, properties);
    const value = typed(text, type === 'array' ? undefined : type);
    found[name] = type === 'array' ? [...((found[name] as unknown[] | undefined) ?? []), value] : value;
  }
  return found;
}

/** What cannot be read as its type stays a text: the schema says what is wrong with it. */
function typed(text: string, type: string | undefined): unknown {
  if ((type === 'number' || type === 'integer') && text.trim() !== '' && Number.isFinite(Number(text)))
    return Number(text);
  if (type === 'boolean' && /^(?:true|false)$/.test(text)) return text === 'true';
  return text;
}

const suggestion = (name: string, properties: Readonly<Record<string, Property>>): string => {
  const near = closest(name, Object.keys(properties));
  return near === undefined ? '' : `, did you mean --${near}?`;
};

const notUnderstood = (command: string, why: string, properties: Readonly<Record<string, Property>>) =>
  piplError('usage', 'PIPL_ARGUMENTS', {
    what: `The command ${command} was not understood.`,
    why: why.replace(/\?\.$/, '?'),
    hint: `It takes ${
      Object.keys(properties)
        .map((name) => `--${name}`)
        .join(' ') || 'nothing'
    }; pipl commands says more.`,
  });
