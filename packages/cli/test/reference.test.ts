/** The contract of the command line: its reference is current, and what every command prints has a schema. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { documentSchema, outputs } from '../src/outputs/table.ts';
import { expectAdmitted } from './admitted.ts';
import { everyCommand, reference } from './reference.ts';

test('docs/cli.md is current', async () => {
  const text = await reference();
  await expect(text, 'docs/cli.md is old: `npm run cli-reference` makes it anew').toMatchFileSnapshot(
    '../../../docs/cli.md',
  );
});

test('what every command prints with --json has a schema', async () => {
  const commands = (await everyCommand()).map(({ words }) => words);
  const missing = commands.filter((words) => !(words in outputs));
  expect(missing, 'say what they print in packages/cli/src/outputs').toEqual([]);
  expect(Object.keys(outputs).filter((words) => !commands.includes(words))).toEqual([]);
  for (const words of commands)
    expect(documentSchema(words)).toMatchObject({ anyOf: [{ type: 'object' }, { type: 'object' }] });
});

test('every option and argument says what it is for, and every command what it does', async () => {
  const silent = (await everyCommand()).flatMap(({ words, leaf, command }) => [
    ...(leaf.about === '' ? [words] : []),
    ...command.registeredArguments
      .filter(({ description }) => description === '')
      .map((one) => `${words} <${one.name()}>`),
    ...command.options.filter(({ description }) => !description).map((one) => `${words} ${one.flags}`),
  ]);
  expect(silent).toEqual([]);
});

test('what is printed is described to its last key: only what others write is open', () => {
  const open: string[] = [];
  const look = (words: string, node: unknown, place: string): void => {
    if (typeof node !== 'object' || node === null) return;
    const { description = '', ...rest } = node as { description?: string };
    if (/^(?:a package\.json|as package\.schema|JSON Schema|what the module takes)/.test(description)) return;
    const keys = Object.keys(rest);
    const isOpen = 'additionalProperties' in rest && JSON.stringify(rest.additionalProperties) === '{}';
    if (isOpen || (keys.length === 0 && !/(?:properties|\$defs|not)$/.test(place)))
      open.push(`${words}: ${place}`);
    for (const [key, value] of Object.entries(rest)) look(words, value, `${place}/${key}`);
  };
  for (const [words, schema] of Object.entries(outputs)) {
    if (words !== 'schema') look(words, z.toJSONSchema(schema, { io: 'output' }), '');
  }
  expect(open).toEqual([]);
});

test('a document with a key that its schema does not know does not pass', () => {
  const bump = (data: object) => `${JSON.stringify({ ok: true, data, warnings: [] })}\n`;
  const args = ['packl', 'bump', 'patch', '--json'];
  const known = { name: 'a', from: '1.0.0', to: '1.0.1' };
  expect(() => expectAdmitted(args, bump(known))).not.toThrow();
  expect(() => expectAdmitted(args, bump({ ...known, more: 1 }))).toThrow(
    'does not know a key of pipl packl bump',
  );
  expect(() => expectAdmitted(args, bump({ name: 'a' }))).toThrow(
    'is not what packages/cli/src/outputs says',
  );
});
