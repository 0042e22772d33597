/** `pipl do COMMAND [--argument VALUE…]`: a command of a task, as its type defines it. */
import { piplError } from '@pipl/packl';
import {
  doCommand,
  findProject,
  findWorkspace,
  inWorkspace,
  listCommands,
  type ListedCommand,
  packlPath,
  reader,
  workspacePath,
  writer,
} from '@pipl/project';
import { closest } from './closest.ts';
import type { Context, DefineCommand } from './context.ts';
import { readArguments } from './do-arguments.ts';
import { pathFrom } from './opening.ts';
import { runHere } from './run-here.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('<command>', 'pipl commands lists them')
    .argument('[arguments...]', 'what it takes: --frame 3')
    .option('--task <folder>', 'of this task; else of the one you stand in')
    .allowUnknownOption()
    .passThroughOptions(false)
    .action(async (name: string, words: readonly string[], { task }: { task?: string }) => {
      const { where, terminal } = context;
      const from = task === undefined ? where.from : pathFrom(context, task);
      const found = await commandNamed(context, { name, from });
      const project = await findProject(where);
      const workspace = await findWorkspace({ from });
      const done = await doCommand({
        project,
        client: await reader(project),
        writer: () => writer(project, (line) => terminal.note(line)),
        command: found,
        arguments: readArguments(words, name, found.arguments),
        run: (argv, more) =>
          inWorkspace(workspace, { from: found.folder, say: (line) => terminal.note(line) }, (env) =>
            runHere(argv, { cwd: where.from, env: { ...env, ...more } }),
          ),
      });
      process.exitCode = done.status;
      if (done.published === undefined) return;
      terminal.say(done, () =>
        done.published!.published.map((one) => `Published ${one.name}@${one.version}.`),
      );
    });

async function commandNamed(
  { where }: Context,
  { name, from }: { name: string; from: string },
): Promise<ListedCommand> {
  const [workspace, packl] = [await workspacePath({ ...where, from }), await packlPath({ from })];
  const own = packl === undefined ? [] : await listCommands({ packl });
  const all = own.some((one) => one.name === name)
    ? own
    : await listCommands({ workspace, packl: workspace === undefined ? packl : undefined });
  const found = all.filter((one) => one.name === name);
  if (found.length === 1) return found[0]!;
  if (found.length > 1) throw unclear(name, found);
  throw noCommand(name, all);
}

function noCommand(name: string, all: readonly ListedCommand[]) {
  const near = closest(
    name,
    all.map((one) => one.name),
  );
  return piplError('notFound', 'PIPL_NO_TASK_COMMAND', {
    what: `No task here has a command ${name}.`,
    why:
      near === undefined
        ? `They have ${[...new Set(all.map((one) => one.name))].join(', ') || 'none'}.`
        : `Did you mean ${near}?`,
    hint: 'pipl commands lists them; a new command of a type is known after the task is published or made again.',
  });
}

const unclear = (name: string, found: readonly ListedCommand[]) =>
  piplError('usage', 'PIPL_WHICH_TASK', {
    what: `Several tasks have a command ${name}.`,
    why: `They are ${found.map(({ packl }) => packl).join(', ')}.`,
    hint: 'Stand in the folder of one of them, or name it: --task FOLDER',
  });
