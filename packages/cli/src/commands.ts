/**
 * The tree of commands: names, one line each, and where the code is. Nothing is loaded before it is asked for.
 */
import type { CommandName } from '@pipl/openjd-cli';
import { keys, lineage, reach, verify, webhook } from './commands-outlets.ts';
import { asset, config, env, offered, perform } from './commands-framework.ts';
import { gate, handler } from './commands-handlers.ts';
import { audit, login, logout, token, user } from './commands-people.ts';
import { add, packl, publish } from './commands-packl.ts';
import { run } from './commands-run.ts';
import { task, work } from './commands-work.ts';
import type { DefineCommand } from './context.ts';

export interface Leaf {
  readonly about: string;
  readonly load: () => Promise<{ command: DefineCommand }>;
  /** other ways to write its name */
  readonly aliases?: readonly string[];
}
export interface Group {
  readonly about: string;
  readonly aliases?: readonly string[];
  readonly commands: Readonly<Record<string, Leaf | Group>>;
}

const openjd = (name: CommandName, about: string): Leaf => ({
  about,
  load: async () => ({ command: (await import('./openjd.ts')).openjd(name) }),
});

export const tree: Group = {
  about: 'Pipelines from packages: publish a packl, and what depends on it runs.',
  commands: {
    status: { about: 'Where am I, and what can I do next', load: () => import('./status.ts') },
    proj: {
      about: 'Projects, their server, users and indexes',
      aliases: ['project'],
      commands: {
        create: { about: 'Create a project', load: () => import('./proj-create.ts') },
        start: { about: "Start the project's server", load: () => import('./proj-start.ts') },
        stop: { about: "Stop the project's server", load: () => import('./proj-stop.ts') },
        status: { about: "Show the project's server", load: () => import('./proj-status.ts') },
        gc: { about: 'Remove what old runs left', load: () => import('./proj-gc.ts') },
        backup: { about: 'Make a backup while people work', load: () => import('./proj-backup.ts') },
        upgrade: { about: 'A newer framework for an old project', load: () => import('./proj-upgrade.ts') },
        restore: { about: 'Make a project out of a backup', load: () => import('./proj-restore.ts') },
        user,
        token,
        audit,
        handler,
        gate,
        webhook,
        reach,
        keys,
        group: {
          about: 'Groups of users, for rights and approvals',
          aliases: ['groups'],
          commands: {
            list: { about: 'List groups', aliases: ['ls'], load: () => import('./proj-group-list.ts') },
            set: { about: 'Make a group, change its members', load: () => import('./proj-group-set.ts') },
            remove: {
              about: 'Remove a group',
              aliases: ['rm'],
              load: () => import('./proj-group-remove.ts'),
            },
          },
        },
        index: {
          about: 'Indexes of the project and what they hold',
          aliases: ['indexes'],
          commands: {
            'create-default': {
              about: 'Make the default index',
              load: () => import('./proj-index-create-default.ts'),
            },
            create: { about: 'Make an index', load: () => import('./proj-index-create.ts') },
            'create-sub': {
              about: 'Make a volatile index on top of the default one',
              load: () => import('./proj-index-create-sub.ts'),
            },
            set: { about: 'Change an index', load: () => import('./proj-index-set.ts') },
            remove: {
              about: 'Remove an index',
              aliases: ['rm'],
              load: () => import('./proj-index-remove.ts'),
            },
            'list-indexes': { about: 'List indexes', load: () => import('./proj-index-list-indexes.ts') },
            list: {
              about: 'List the packls of an index',
              aliases: ['ls'],
              load: () => import('./proj-index-list.ts'),
            },
          },
        },
      },
    },
    verify,
    lineage,
    rerun: { about: 'Do runs again on the same inputs', load: () => import('./rerun.ts') },
    login,
    logout,
    work,
    task,
    packl,
    commands: offered,
    do: perform,
    env,
    config,
    asset,
    openjd: {
      about: 'Open Job Description templates',
      commands: {
        check: openjd('check', 'Check a template for mistakes'),
        summary: openjd('summary', 'Summarise the job of a template'),
        run: openjd('run', 'Run a job on this machine'),
        schema: openjd('schema', 'Print the JSON Schema of templates'),
      },
    },
    add,
    publish,
    update: work.commands['update']!,
    promote: { about: 'Bring versions into another index', load: () => import('./promote.ts') },
    approve: { about: 'Approve a version', load: () => import('./approve.ts') },
    retake: { about: 'Ask for a version to be done again', load: () => import('./retake.ts') },
    runs: { about: 'What ran, what runs', load: () => import('./runs.ts') },
    run,
    logs: { about: 'The log of a run', load: () => import('./logs.ts') },
    why: { about: 'Why a task ran, or did not', load: () => import('./why.ts') },
    resolve: { about: 'What a packl reads, now or as it was', load: () => import('./resolve.ts') },
    diff: { about: 'What differs between two runs or versions', load: () => import('./diff.ts') },
    doctor: { about: 'What is wrong here, and what mends it', load: () => import('./doctor.ts') },
    open: { about: 'Open the project in a browser', load: () => import('./open.ts') },
    completion: { about: 'Let a shell complete command lines', load: () => import('./completion.ts') },
    schema: { about: 'What a command prints with --json', load: () => import('./schema.ts') },
    fsck: { about: 'Prove that nothing is lost or changed', load: () => import('./fsck.ts') },
    waves: { about: 'What each change caused', load: () => import('./waves.ts') },
    plan: {
      about: 'What would follow from a publish, a promotion, another run',
      load: () => import('./plan.ts'),
    },
  },
};

/** The entry of a name or alias. */
export function entryNamed({ commands }: Group, name: string): [string, Leaf | Group] | undefined {
  const exact = commands[name];
  if (exact !== undefined) return [name, exact];
  return Object.entries(commands).find(([, { aliases }]) => aliases?.includes(name) === true);
}

export const isGroup = (entry: Leaf | Group): entry is Group => 'commands' in entry;
