/** `pipl diff RUN|SPEC RUN|SPEC`: what differs, part by part. Exit status 0 either way. */
import { indexName } from '@pipl/packl';
import { compare, sideOf } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { diffLines } from './diff-lines.ts';
import { openToRead } from './opening.ts';

interface Options {
  readonly index?: string;
  readonly at?: string;
}

export const command: DefineCommand = (into, context) =>
  into
    .argument('<left>', 'a run (the beginning of its name will do), name or name@version')
    .argument('<right>', 'another one')
    .option('-i, --index <name>', 'versions are resolved in this index; else the default one')
    .option('--at <moment>', 'the left one is resolved as it was: the number of a change, or a time')
    .action(async (left: string, right: string, { index, at }: Options) => {
      const asked = index === undefined ? undefined : indexName(index);
      const { project, client } = await openToRead(context);
      const where = { index: asked ?? project.defaultIndex };
      const then = at === undefined ? {} : { at };
      const compared = compare(
        await sideOf(client, { subject: left, ...where, ...then }),
        await sideOf(client, { subject: right, ...where }),
      );
      context.terminal.say(compared, diffLines);
    });
