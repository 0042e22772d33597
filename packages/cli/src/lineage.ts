/** `pipl lineage up|down SPEC|FILE`: what made it, what was made of it. */
import { indexName } from '@pipl/packl';
import { isContentPath, lineageOf, type AskLineage } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToRead, pathFrom } from './opening.ts';
import { treeLines } from './tree-lines.ts';

interface Options {
  readonly index?: string;
  readonly code?: true;
}
type Found = Awaited<ReturnType<typeof lineageOf>>;

export const lineage =
  (direction: AskLineage['direction']): DefineCommand =>
  (into, context) =>
    into
      .argument('<what>', 'name (the newest), name@version, sha256:…, or a file or folder')
      .option('-i, --index <name>', 'owner/name; else the default index')
      .option('--code', 'with the packls of code that were used')
      .action(async (what: string, { index, code }: Options) => {
        const { project, client } = await openToRead(context);
        const path = pathFrom(context, what);
        const found = await lineageOf(client, {
          direction,
          subject: what,
          path: (await isContentPath(what, path)) ? path : undefined,
          index: index === undefined ? project.defaultIndex : indexName(index),
          code,
        });
        context.terminal.say(found, linesOf);
      });

function linesOf({ direction, roots, nodes, edges }: Found): string[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const below = new Map<string, string[]>();
  for (const { from, to } of edges) {
    const [over, under] = direction === 'up' ? [from, to] : [to, from];
    below.set(over, [...(below.get(over) ?? []), under]);
  }
  return roots.flatMap((root) =>
    treeLines(root, (id) => ({ text: textOf(byId.get(id)!), below: below.get(id) ?? [] })),
  );
}

function textOf({ id, kind = 'npm', indexes, made, withdrawn }: Found['nodes'][number]): string {
  const how = made === undefined ? 'published' : `made by ${made.by}, run ${made.run}`;
  const when = made?.at === undefined ? '' : `, ${made.at.slice(0, 16).replace('T', ' ')}`;
  return `${id}  ${kind} in ${indexes.join(', ')}, ${how}${when}${withdrawn === true ? ', withdrawn' : ''}`;
}
