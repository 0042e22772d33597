/** `pipl packl add DEPENDENCY [WHY]` */
import {
  addDependency,
  type AddedDependency,
  checkoutAssets,
  findPackl,
  findWorkspace,
  installWorkspace,
  workspacePath,
} from '@pipl/project';
import { relative } from 'node:path';
import { indexName } from '@pipl/packl';
import type { DefineCommand } from './context.ts';
import { openToRead } from './opening.ts';
import { bytes, duration } from './sizes.ts';

interface Options {
  readonly as?: string;
  readonly many?: true;
  readonly edit?: true;
  readonly exact?: true;
  readonly index?: string;
  readonly install: boolean;
}

export const command: DefineCommand = (into, context) =>
  into
    .argument('<dependency>', 'name or name@range')
    .argument('[why]', 'a line for the history of the packl')
    .option('--as <slot>', 'the input of the task that it fills')
    .option('--many', 'that input takes several')
    .option('-x, --edit', 'for people only: a run never installs it')
    .option('--exact', 'this version and no other')
    .option('-i, --index <name>', 'look here instead of in the default index')
    .option('--no-install', 'only write it down: nothing is installed or checked out')
    .action(async (spec: string, comment: string | undefined, options: Options) => {
      const { as: slot, many, edit, exact } = options;
      const folder = await findPackl(context.where);
      const { project, client } = await openToRead(context);
      const index = options.index === undefined ? project.defaultIndex : indexName(options.index);
      const inWorkspace = options.install && (await workspacePath(context.where)) !== undefined;
      const install = inWorkspace
        ? async () => installWorkspace(project, await findWorkspace(context.where))
        : undefined;
      const added = await addDependency({
        client,
        index,
        folder,
        spec,
        comment,
        slot,
        many,
        edit,
        exact,
        install,
        checkout: options.install ? (found) => checkoutAssets({ project, folder, ...found }) : undefined,
      });
      context.terminal.say(added, sentence);
      if (added.checkedOut !== undefined)
        context.terminal.note(`Its files, read-only: ${relative(context.where.from, added.checkedOut.path)}`);
    });

function sentence({ name, range, version, slot, assets, checkedOut }: AddedDependency): string[] {
  const all = Object.values(assets).map(({ kind, size, frames, files }) => {
    const count =
      kind === 'sequence'
        ? `${frames?.length ?? files} frames, `
        : kind === 'folder'
          ? `${files} files, `
          : '';
    return `${count}${bytes(size)}`;
  });
  const took = checkedOut === undefined ? '' : ` checked out in ${duration(checkedOut.milliseconds)}`;
  const what = all.length === 0 ? version : `${version}: ${all.join(', ')}${took}`;
  return [`Added ${name} ${range}${slot === undefined ? '' : ` as ${slot}`} (${what})`];
}
