/** `pipl proj index list-indexes [PATH]` */
import { listIndexes } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToRead } from './opening.ts';

export const command: DefineCommand = (into, context) =>
  into.argument('[path]', 'the project; else the one you stand in').action(async (path?: string) => {
    const { project, client } = await openToRead(context, path);
    const indexes = await listIndexes(client);
    context.terminal.note(`Found ${indexes.length} Index(es) in project ${project.path}:`);
    context.terminal.say(indexes, () =>
      indexes.map(({ name, bases, volatile, mirror, gate, ...rights }) =>
        [
          name,
          ...(bases.length === 0 ? [] : [`on ${bases.join(', ')}`]),
          ...(volatile ? ['volatile'] : []),
          ...(mirror === undefined ? [] : ['mirror']),
          ...(gate === undefined ? [] : ['gated']),
          ...(['read', 'publish', 'promote'] as const).flatMap((right) =>
            rights[right] === undefined ? [] : [`${right} ${rights[right].join(' ') || 'its owner'}`],
          ),
        ].join('\t'),
      ),
    );
  });
