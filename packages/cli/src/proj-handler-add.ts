/** `pipl proj handler add INDEX KIND [-- PROGRAM ARGUMENTS…]` */
import { indexName } from '@pipl/packl';
import { addHandler, handlerFrom } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { handlerLine } from './handler-lines.ts';
import { wholeNumber } from './numbers.ts';
import { openToWrite } from './opening.ts';

interface Options {
  /** no part of the handler */
  readonly dryRun?: true;
  readonly name?: string;
  readonly promoteTo?: string;
  readonly template?: string;
  readonly parameter?: readonly string[];
  readonly module?: string;
  readonly onlyKind?: readonly string[];
  readonly onlyType?: readonly string[];
  readonly onlyName?: readonly string[];
  readonly op?: readonly string[];
  readonly timeout?: number;
  readonly retries?: number;
}

const examples = `
Examples:
  pipl proj handler add alice/stage qa --promote-to root/PROJ
  pipl proj handler add root/PROJ command --name tell --only-kind product -- tell-editors {name} {version}
  pipl proj handler add root/PROJ job --template ./proxies.yaml --parameter Name={name} Version={version}
  pipl proj handler add root/PROJ module --module @film/hooks/notify#onPublish`;

export const command: DefineCommand = (into, context) =>
  into
    .argument('<index>', 'whose changes it hears of')
    .argument('<kind>', 'qa, command, job, module or process')
    .argument(
      '[program...]',
      'of a command, after --: {name}, {version}, {index}, {op}, {seq}, {by} are filled in',
    )
    .option('--name <name>', 'by what it is granted promotion; else its kind')
    .option('--promote-to <index>', 'qa: where versions go once the gate holds')
    .option('--template <file>', 'job: ./FILE of the project, or PACKL/FILE')
    .option('--parameter <name=value...>', 'job: parameters, placeholders are filled in')
    .option('--module <entry>', 'module: PACKL/SUBPATH#function')
    .option('--only-kind <kind...>', 'only packls of these kinds: task, product, code, envset, editor, npm')
    .option('--only-type <glob...>', 'only tasks and products of these types')
    .option('--only-name <glob...>', 'only packls of these names')
    .option('--op <op...>', 'only these changes; else versions that come: publish, overwrite, promote')
    .option('--timeout <seconds>', 'for each run', wholeNumber)
    .option('--retries <count>', 'tries after a failure', wholeNumber)
    .addHelpText('after', examples)
    .action(async (index: string, kind: string, program: readonly string[], options: Options) => {
      const where = indexName(index);
      const handler = handlerFrom(entryOf(kind, program, options));
      const { client } = await openToWrite(context);
      const added = await addHandler(client, where, handler);
      context.terminal.say(added, () => [
        `Added ${handlerLine(added.handler)}`,
        ...(added.granted === undefined
          ? []
          : [`${added.handler.promoteTo} lets it promote: ${added.granted}`]),
      ]);
      if (added.restart) context.terminal.note('It works after the server was started again.');
    });

function entryOf(kind: string, program: readonly string[], options: Options): object {
  const { onlyKind, onlyType, onlyName, op, parameter, dryRun: _, ...rest } = options;
  const filter = given({ kinds: onlyKind, types: onlyType, names: onlyName, ops: op });
  const isProcess = kind === 'process';
  return {
    kind,
    ...rest,
    ...(isProcess ? { engines: ['local'] } : {}),
    ...(program.length === 0 ? {} : { command: program }),
    ...(parameter === undefined ? {} : { parameters: Object.fromEntries(parameter.map(pairOf)) }),
    ...(Object.keys(filter).length === 0 ? {} : { filter }),
  };
}

const given = (all: object): object =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));

function pairOf(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
