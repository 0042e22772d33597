/** `pipl work outdated`: what is newer than what is installed. */
import { findWorkspace, outdatedIn } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToRead } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into.action(async () => {
    const workspace = await findWorkspace(context.where);
    const { project, client } = await openToRead(context);
    const outdated = await outdatedIn(client, { project, workspace });
    if (outdated.length === 0) context.terminal.note('Everything is as new as can be.');
    context.terminal.say(outdated, () =>
      outdated.map(({ packl, name, range, has, wanted, latest }) =>
        [
          packl,
          `${name} ${range}`,
          `has ${has ?? 'nothing'}`,
          `gets ${wanted ?? 'nothing'}`,
          `latest ${latest ?? '?'}`,
        ].join('\t'),
      ),
    );
    if (outdated.length > 0) context.terminal.note('Next: pipl work update, or pipl work update --latest');
  });
