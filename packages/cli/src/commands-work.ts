/** The part of the tree about workareas, workspaces and tasks in them. */
import type { Group } from './commands.ts';

export const work: Group = {
  about: 'Workareas and workspaces',
  aliases: ['workspace'],
  commands: {
    'create-area': { about: 'Make a workarea', load: () => import('./work-create-area.ts') },
    create: { about: 'Make a workspace', load: () => import('./work-create.ts') },
    list: { about: 'List workspaces', aliases: ['ls'], load: () => import('./work-list.ts') },
    status: {
      about: 'What is in a workspace, and what was not published',
      load: () => import('./work-status.ts'),
    },
    offline: {
      about: 'Bring everything here that is needed without the server',
      load: () => import('./work-offline.ts'),
    },
    sync: { about: 'Install what the packls ask for, assets too', load: () => import('./work-sync.ts') },
    outdated: { about: 'What is newer than what is installed', load: () => import('./work-outdated.ts') },
    update: { about: 'Bring in what is newer', load: () => import('./work-update.ts') },
    shell: { about: 'Open a shell in a workspace', load: () => import('./work-shell.ts') },
    node: { about: 'Open a Node in a workspace', aliases: ['py'], load: () => import('./work-node.ts') },
    exec: { about: 'Run a program in a workspace', load: () => import('./work-exec.ts') },
    remove: { about: 'Remove a workspace', aliases: ['rm'], load: () => import('./work-remove.ts') },
  },
};

export const task: Group = {
  about: 'Tasks',
  aliases: ['tasks'],
  commands: {
    create: { about: 'Make a packl a task of a type', load: () => import('./task-create.ts') },
  },
};
