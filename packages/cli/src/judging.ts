/** `pipl approve SPEC` and `pipl retake SPEC`: what a person thinks of a version, and what the gates say then. */
import { indexName } from '@pipl/packl';
import { afterVerdict, judge, type Judged } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';
import { duration } from './sizes.ts';

interface Options {
  readonly message?: string;
  readonly index?: string;
}

type Handled = Awaited<ReturnType<typeof afterVerdict>>;

/** `Checks passed 2 minutes ago: promoted to root/PROJ (change 421)` */
function handledLine({ handler, promoteTo, promoted, begunAt, checks }: NonNullable<Handled>): string {
  const ago = duration(Math.max(0, Date.now() - Date.parse(begunAt)));
  const found = checks.length === 0 ? '' : `${handler} found ${checks.length} check(s) passed ${ago} ago: `;
  return `${found}promoted to ${promoteTo ?? ''} (change ${promoted ?? ''})`;
}

const gateLines = ({ gates, name, version }: Judged, handled: Handled): string[] =>
  Object.entries(gates).flatMap(([index, { open, missing }]) =>
    open && handled?.state === 'promoted' && handled.promoteTo === index
      ? [handledLine(handled)]
      : open && handled !== undefined && handled.promoteTo === index
        ? [`${index} takes it once ${handled.handler} is through: pipl proj handler log ${name}@${version}`]
        : open
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
        const handled = await afterVerdict(client, judged);
        const data = handled === undefined ? judged : { ...judged, handled };
        context.terminal.say(data, ({ name, version, index: where, seq }) => [
          `${words[result]} ${name}@${version} in ${where} (change ${seq})`,
          ...gateLines(judged, handled),
        ]);
      });
