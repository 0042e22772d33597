/** `pipl packl edit SPEC`: the sources of a published version in the workspace. */
import { indexName } from '@pipl/packl';
import { editPublished, findWorkspace, mergedFrom, showFolder } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToRead } from './opening.ts';

interface Options {
  readonly index?: string;
  readonly merged?: true;
}

export const command: DefineCommand = (into, context) =>
  into
    .argument('<spec>', 'name, name@range or name@tag')
    .option('-i, --index <name>', 'from this index; else from the default one')
    .option('--merged', 'bring nothing: the sources here hold already what that version brought')
    .action(async (spec: string, { index: text, merged }: Options) => {
      const asked = text === undefined ? undefined : indexName(text);
      const { path: workspace } = await findWorkspace(context.where);
      const { project, client } = await openToRead(context);
      const about = { project, workspace, index: asked ?? project.defaultIndex, spec };
      const edited = merged === true ? await mergedFrom(client, about) : await editPublished(client, about);
      const { name, version, folder, files } = edited;
      context.terminal.say(edited, () => [
        merged === true
          ? `${folder} counts as made from ${name}@${version}`
          : `Brought ${name}@${version} to ${folder} (${files} files)`,
      ]);
      if (merged === true) return;
      const { pipl } = await showFolder(folder);
      const [asset] = pipl?.kind === 'product' ? Object.keys(pipl.assets ?? {}) : [];
      context.terminal.note(`Next: cd ${folder} && pipl packl bump patch -m WHY`);
      if (asset === undefined) return;
      context.terminal.note(
        `      its files, to look at or begin from: pipl packl get ${name}@${version} FOLDER`,
      );
      context.terminal.note(`      a changed one into it: pipl asset add ${asset} FILE`);
    });
