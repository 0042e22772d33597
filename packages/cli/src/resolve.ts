/** `pipl resolve SPEC [--at MOMENT]`: what a packl reads, pinned; now, or as it was. */
import { indexName } from '@pipl/packl';
import { resolveSpec, type Resolved } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToRead } from './opening.ts';

interface Options {
  readonly index?: string;
  readonly at?: string;
}

export const command: DefineCommand = (into, context) =>
  into
    .argument('<spec>', 'name, name@range or name@version of a task or another packl')
    .option('-i, --index <name>', 'in this index; else the default one')
    .option('--at <moment>', 'as it was: the number of a change, or a time')
    .action(async (spec: string, { index, at }: Options) => {
      const asked = index === undefined ? undefined : indexName(index);
      const { project, client } = await openToRead(context);
      const when = at === undefined ? {} : { at };
      const resolved = await resolveSpec(client, { spec, index: asked ?? project.defaultIndex, ...when });
      context.terminal.say(resolved, resolvedLines);
    });

function resolvedLines({ name, version, index, seq, lock, missing = [], products = {} }: Resolved): string[] {
  const head = `${name}@${version} in ${index}, after change ${seq}`;
  if (lock === undefined) {
    return [
      `${head}: something is missing`,
      ...missing.map(({ name: of, range, from }) => `  ${from} asks for ${of} ${range}`),
    ];
  }
  const direct = Object.entries(lock.direct);
  const asked = new Set(direct.map(([of, at]) => `${of}@${at}`));
  const deeper = Object.keys(lock.pins).filter((pin) => !asked.has(pin) && pin !== `${name}@${version}`);
  return [
    `${head}: lock ${lock.hash}`,
    ...direct.map(([of, at]) => `  ${of} ${at}`),
    ...deeper.map((pin) => `    ${pin.replace(/@(?=[^@]*$)/, ' ')}`),
    ...Object.entries(products).map(([of, at]) => `  makes ${of}, which is at ${at}`),
  ];
}
