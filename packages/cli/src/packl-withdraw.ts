/** `pipl packl withdraw SPEC -m …`: hides a version for ever, and says what depended on it. */
import { indexName } from '@pipl/packl';
import { withdraw, type Withdrawn } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToRead, openToWrite } from './opening.ts';

interface Options {
  readonly message?: string;
  readonly index?: string;
  readonly dryRun?: boolean;
}

const dependentLines = ({ dependents, name: subject }: Withdrawn): string[] =>
  dependents.map(({ index, name, version, range, instead, made }) => {
    const what = `  ${name}@${version} in ${index}`;
    if (made === true) return `${what} was made from it and stays as it is`;
    return `${what} asks for ${subject} ${range ?? ''}: ${instead === undefined ? 'nothing fits any longer' : `gets ${instead} now`}`;
  });

export const command: DefineCommand = (into, context) =>
  into
    .argument('<spec>', 'name@version')
    .option('-m, --message <text>', 'why; kept with the version')
    .option('-i, --index <name>', 'where it stands; needed when several indexes have it')
    .option('-n, --dry-run', 'only say what depends on it')
    .action(async (spec: string, { message, index: text, dryRun = false }: Options) => {
      const index = text === undefined ? undefined : indexName(text);
      const { client } = dryRun ? await openToRead(context) : await openToWrite(context);
      const done = await withdraw(client, { spec, index, message, dryRun });
      context.terminal.say(done, ({ name, version, index: where, dependents }) => [
        `${dryRun ? 'Would withdraw' : 'Withdrew'} ${name}@${version} from ${where}${
          dependents.length === 0 ? '; nothing depends on it' : '. What depends on it:'
        }`,
        ...dependentLines(done),
      ]);
    });
