/** `pipl schema [COMMAND…]`: what a command prints with --json, as JSON Schema; alone: which commands there are. */
import { piplError } from '@pipl/packl';
import { closest } from './closest.ts';
import { entryNamed, type Group, isGroup, tree } from './commands.ts';
import type { DefineCommand } from './context.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('[command...]', 'its words, for example packl publish')
    .action(async (words: readonly string[]) => {
      const { documentSchema, outputs } = await import('./outputs/table.ts');
      const names = Object.keys(outputs).toSorted();
      if (words.length === 0) return context.terminal.say({ commands: names }, () => names);
      const name = inFull(words);
      const schema = documentSchema(name);
      if (schema === undefined) throw unknown(name, names);
      return context.terminal.say(schema, () => [JSON.stringify(schema, undefined, 2)]);
    });

/** Aliases written out. */
function inFull(words: readonly string[]): string {
  let at: Group | undefined = tree;
  const full: string[] = [];
  for (const word of words) {
    const found: ReturnType<typeof entryNamed> = at === undefined ? undefined : entryNamed(at, word);
    full.push(found?.[0] ?? word);
    at = found !== undefined && isGroup(found[1]) ? found[1] : undefined;
  }
  return full.join(' ');
}

function unknown(name: string, names: readonly string[]) {
  const near = closest(name, names);
  return piplError('notFound', 'PIPL_NO_SCHEMA', {
    what: `There is no schema of "${name}".`,
    why: near === undefined ? 'No command is written so.' : `Did you mean "${near}"?`,
    hint: 'pipl schema lists them.',
  });
}
