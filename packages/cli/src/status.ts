/** `pipl`, `pipl status`: where am I, and what is useful next. */
import { anyProject, packlPath, serverStatus, showFolder, workspacePath } from '@pipl/project';
import type { Context, DefineCommand } from './context.ts';

interface Standing {
  readonly folder: string;
  readonly project?: Awaited<ReturnType<typeof serverStatus>>;
  readonly workspace?: string;
  readonly packl?: { readonly name: string; readonly version: string; readonly kind?: string };
  readonly next: readonly string[];
}

export const command: DefineCommand = (into, context) =>
  into.action(async () => {
    const standing = await look(context);
    context.terminal.say(standing, lines);
  });

async function look({ where }: Context): Promise<Standing> {
  const found = await anyProject(where);
  if (found === undefined) return { folder: where.from, next: ['pipl proj create PATH', 'pipl help'] };
  const project = await serverStatus(found);
  const workspace = await workspacePath(where);
  const folder = await packlPath(where);
  const manifest = folder === undefined ? undefined : await showFolder(folder);
  const kind = manifest?.pipl?.kind;
  return {
    folder: where.from,
    project,
    ...(workspace === undefined ? {} : { workspace }),
    ...(manifest === undefined
      ? {}
      : {
          packl: { name: manifest.name, version: manifest.version, ...(kind === undefined ? {} : { kind }) },
        }),
    next: nextSteps({
      running: project.running,
      workspace: workspace !== undefined,
      packl: manifest !== undefined,
    }),
  };
}

function nextSteps({
  running,
  workspace,
  packl,
}: {
  running: boolean;
  workspace: boolean;
  packl: boolean;
}): string[] {
  if (!running) return ['pipl proj start --detach'];
  if (packl) return ['pipl packl add NAME', 'pipl packl publish --dry-run', 'pipl runs -f'];
  if (workspace) return ['pipl packl create NAME', 'pipl work shell', 'pipl runs -f'];
  return ['pipl work create NAME', 'pipl proj index list', 'pipl runs -f'];
}

function lines({ folder, project, workspace, packl, next }: Standing): string[] {
  const server = project?.running === true ? `server at ${project.url}` : 'server not running';
  return [
    project === undefined
      ? `${folder} belongs to no project`
      : `project    ${project.project} (${project.path}), ${server}`,
    ...(workspace === undefined ? [] : [`workspace  ${workspace}`]),
    ...(packl === undefined ? [] : [`packl      ${packl.name}@${packl.version}`]),
    `next       ${next.join('\n           ')}`,
  ];
}
