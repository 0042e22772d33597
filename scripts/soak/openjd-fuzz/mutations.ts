/** Ways to spoil a text, a document, or a stream of bytes. Pure: the same mutations spoil it in the same way. */
import * as fc from 'fast-check';

/** What breaks readers: braces, anchors, huge and odd numbers, names that objects have, half characters. */
const nasty = [
  '{{',
  '}}',
  '{{ Param.Frames }}',
  '{{',
  '{{{{',
  '{{ [x for x in range(99999999)] }}',
  "{{ 'x' * 999999999 }}",
  '&a',
  '*a',
  '<<: *a',
  '- - - - -',
  '? ',
  '|',
  '!!binary x',
  '---\n',
  '\t',
  '\r',
  '\u0000',
  '\ud800',
  '💥',
  '1e999',
  '-0',
  '0x7fffffffffffffff',
  '9223372036854775808',
  '1-9999999999999',
  '1-10:0',
  'NaN',
  '.inf',
  '~',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'true',
  '[[[[[[[[',
  '((((((((',
  '}}}}',
  '"',
  "'",
  '\\',
  '#',
  'Task.Param.F',
  'Session.WorkingDirectory',
  'Env.File.x',
  'path(',
  '.with_number(',
  '**',
  '//',
  ' if ',
  ' for x in ',
  'openjd_env: ',
  'openjd_redacted_env: S=hunter2',
  '\u202e',
  '\ufeff',
  'a'.repeat(2000),
  '('.repeat(500),
];

const place = fc.integer({ min: 0, max: 0xffff });

export interface TextMutation {
  readonly kind: 'insert' | 'delete' | 'duplicate' | 'flip' | 'splice';
  /** Of 65536: how far into the text. */
  readonly at: number;
  readonly length: number;
  readonly text: string;
}

export const textMutation: fc.Arbitrary<TextMutation> = fc.record({
  kind: fc.constantFrom('insert', 'insert', 'delete', 'duplicate', 'flip', 'splice'),
  at: place,
  length: fc.integer({ min: 1, max: 40 }),
  text: fc.oneof(
    fc.constantFrom(...nasty),
    fc.string({ maxLength: 8 }),
    fc.nat({ max: 0xffff }).map((unit) => String.fromCharCode(unit)),
  ),
});

export function spoilText(text: string, mutations: readonly TextMutation[], other: string): string {
  return mutations.reduce((now, { kind, at, length, text: piece }) => {
    const from = Math.floor((at / 0x10000) * now.length);
    const [before, cut, after] = [
      now.slice(0, from),
      now.slice(from, from + length),
      now.slice(from + length),
    ];
    switch (kind) {
      case 'insert':
        return before + piece + cut + after;
      case 'delete':
        return before + after;
      case 'duplicate':
        return before + cut + cut + cut + after;
      case 'flip':
        return (
          before + String.fromCharCode((cut.charCodeAt(0) || 32) ^ (1 << (length % 7))) + cut.slice(1) + after
        );
      case 'splice':
        return before + other.slice(from % (other.length || 1));
    }
  }, text);
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface TreeMutation {
  readonly kind: 'set' | 'remove' | 'repeat' | 'rename' | 'nest';
  /** At each level the child to go to, counted round. */
  readonly path: readonly number[];
  readonly value: unknown;
  readonly name: string;
}

const values = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1.5,
    1e308,
    '',
    ' ',
    [],
    {},
    [[]],
    '{{Param.Frames}}',
    '1-5',
    'INT',
    'EXPR',
  ),
  fc.constantFrom<unknown>(...nasty),
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ maxLength: 70 }),
);

export const treeMutation: fc.Arbitrary<TreeMutation> = fc.record({
  kind: fc.constantFrom('set', 'set', 'remove', 'repeat', 'rename', 'nest'),
  path: fc.array(fc.nat({ max: 11 }), { minLength: 1, maxLength: 9 }),
  value: values,
  name: fc.constantFrom(
    'name',
    'type',
    'range',
    'script',
    'let',
    'min',
    'args',
    'timeout',
    '__proto__',
    'x',
    '',
  ),
});

export function spoilTree(tree: unknown, mutations: readonly TreeMutation[]): unknown {
  const root = { root: structuredClone(tree) as Json };
  for (const mutation of mutations) spoilOnce(root, mutation);
  return root.root;
}

function spoilOnce(root: { root: Json }, { kind, path, value, name }: TreeMutation): void {
  let parent: Record<string, Json> | Json[] = root;
  let key = 'root';
  for (const step of path) {
    const child: Json = (parent as Record<string, Json>)[key]!;
    if (typeof child !== 'object' || child === null || Object.keys(child).length === 0) break;
    parent = child;
    key = Object.keys(child)[step % Object.keys(child).length]!;
  }
  const at = parent as Record<string, Json>;
  const old = at[key]!;
  if (kind === 'set') at[key] = structuredClone(value) as Json;
  else if (kind === 'nest') at[key] = [old];
  else if (kind === 'repeat' && Array.isArray(parent))
    parent.push(...Array.from({ length: 3 }, () => structuredClone(old)));
  else if (kind === 'rename' && !Array.isArray(parent))
    Object.defineProperty(at, name, { value: old, enumerable: true, configurable: true, writable: true });
  else if (parent !== root) delete at[key];
}

/** Bytes with bits flipped, pieces cut out or repeated. */
export function spoilBytes(bytes: Buffer, mutations: readonly TextMutation[]): Buffer {
  return mutations.reduce((now, { kind, at, length, text }) => {
    const from = Math.floor((at / 0x10000) * now.length);
    const [before, cut, after] = [
      now.subarray(0, from),
      now.subarray(from, from + length),
      now.subarray(from + length),
    ];
    if (kind === 'insert' || kind === 'splice') return Buffer.concat([before, Buffer.from(text), cut, after]);
    if (kind === 'duplicate') return Buffer.concat([before, cut, cut, after]);
    if (kind === 'delete') return Buffer.concat([before, after]);
    const flipped = Buffer.from(cut);
    if (flipped.length > 0) flipped[0] = flipped[0]! ^ (1 << (length % 8));
    return Buffer.concat([before, flipped, after]);
  }, bytes);
}
