/** `pipl proj backup FOLDER [PATH]` */
import { backupProject } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { serverCommand } from './house.ts';
import { pathFrom, projectAt } from './opening.ts';
import { counted } from './plural.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('<folder>', 'where it goes: a folder that is not there yet')
    .argument('[path]', 'the project; else the one you stand in')
    .action(async (folder: string, path?: string) => {
      const { terminal } = context;
      const note = (line: string) => terminal.note(line);
      const to = pathFrom(context, folder);
      const project = await projectAt(context, path);
      const manifest = await backupProject(project, to, { serverCommand: serverCommand(), note });
      terminal.say({ to, ...manifest }, ({ head, blobs, assets }) => [
        `Backed up ${project.name} to ${to}: up to change ${head}, ${counted(blobs, 'tarball')}, ${counted(assets, 'asset file')}.`,
      ]);
      terminal.note(
        "Of assets it holds the project's own folder. What a store that a packl brings keeps is not in it: back that up where it stands.",
      );
      terminal.note(
        'What is in the same file system is linked: copy the folder elsewhere to be safe from a broken disk.',
      );
    });
