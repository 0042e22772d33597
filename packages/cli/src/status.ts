/** `pipl`, `pipl status`: where am I, and what is useful next. */
import { anyProject, packlPath, reader, serverStatus, showFolder, workspacePath } from '@pipl/project';
import type { Context, DefineCommand } from './context.ts';

interface Standing {
  readonly folder: string;
  readonly project?: Awaited<ReturnType<typeof serverStatus>>;
  /** tasks that failed and wait for somebody */
  readonly failed?: readonly string[];
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
  if (found === undefined)
    return {
      folder: where.from,
      next: ['pipl proj create PATH', 'pipl proj create PATH --template short', 'pipl help start'],
    };
  const project = await serverStatus(found);
  const workspace = await workspacePath(where);
  const folder = await packlPath(where);
  const manifest = folder === undefined ? undefined : await showFolder(folder);
  const kind = manifest?.pipl?.kind;
  const failed = project.running ? await failedTasks(found) : [];
  return {
    folder: where.from,
    project,
    ...(failed.length === 0 ? {} : { failed }),
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
      failed,
    }),
  };
}

function nextSteps({
  running,
  workspace,
  packl,
  failed: [failed],
}: {
  running: boolean;
  workspace: boolean;
  packl: boolean;
  failed: readonly string[];
}): string[] {
  if (!running) return ['pipl proj start --detach'];
  if (failed !== undefined) return [`pipl why ${failed}`, `pipl logs ${failed}`, `pipl run retry ${failed}`];
  if (packl) return ['pipl packl add NAME', 'pipl packl publish --dry-run', 'pipl runs -f'];
  if (workspace) return ['pipl packl create NAME', 'pipl work shell', 'pipl runs -f'];
  return ['pipl work create NAME', 'pipl proj index list', 'pipl runs -f'];
}

/** Nobody is kept from the rest of the answer by a server that does not tell. */
async function failedTasks(project: NonNullable<Awaited<ReturnType<typeof anyProject>>>): Promise<string[]> {
  const asked = reader(project).then((client) => client.tasks());
  const tasks = (await asked.catch(() => [])) as readonly {
    readonly name: string;
    readonly status: { readonly is: string };
  }[];
  return [
    ...new Set(tasks.filter(({ status }) => status.is === 'failed').map(({ name }) => name)),
  ].toSorted();
}

const mostNamed = 3;

function failedLine(failed: readonly string[]): string {
  const more = failed.length > mostNamed ? ` and ${failed.length - mostNamed} more` : '';
  return `failed     ${failed.slice(0, mostNamed).join(', ')}${more}`;
}

function lines({ folder, project, failed, workspace, packl, next }: Standing): string[] {
  const server = project?.running === true ? `server at ${project.url}` : 'server not running';
  return [
    project === undefined
      ? `${folder} belongs to no project`
      : `project    ${project.project} (${project.path}), ${server}`,
    ...(failed === undefined ? [] : [failedLine(failed)]),
    ...(workspace === undefined ? [] : [`workspace  ${workspace}`]),
    ...(packl === undefined ? [] : [`packl      ${packl.name}@${packl.version}`]),
    ...(project?.rootPasswordEmpty === true
      ? ['root       has no password yet: pipl proj user set root --password-stdin']
      : []),
    `next       ${next.join('\n           ')}`,
  ];
}
