/** `pipl approve SPEC` and `pipl retake SPEC`: what a person thinks of a version, and what the gates say then. */
import { indexName } from '@pipl/packl';
import { judge, type Judged } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';

interface Options {
  readonly message?: string;
  readonly index?: string;
}

const gateLines = ({ gates, name, version }: Judged): string[] =>
  Object.entries(gates).flatMap(([index, { open, missing }]) =>
    open
      ? [`${index} takes it now: pipl promote ${name}@${version} --to ${index}`]
      : missing.map((line) => `${index}: ${line}`),
  );

const words = { approved: 'Approved', retake: 'A retake is asked for:' };

export const judging =
  (result: Judged['result']): DefineCommand =>
  (into, context) =>
    into
      .argument('<spec>', 'name@version')
      .option('-m, --message <text>', 'why')
      .option('-i, --index <name>', 'where it stands; else wherever you may read it')
      .action(async (spec: string, { message, index: text }: Options) => {
        const index = text === undefined ? undefined : indexName(text);
        const { client } = await openToWrite(context);
        const judged = await judge(client, { spec, result, index, message });
        context.terminal.say(judged, ({ name, version, index: where, seq }) => [
          `${words[result]} ${name}@${version} in ${where} (change ${seq})`,
          ...gateLines(judged),
        ]);
      });
