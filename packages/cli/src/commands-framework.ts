/** The commands of what packls say to each other: environments and configurations. */
import type { Group, Leaf } from './commands.ts';

export const env: Group = {
  about: 'What the envsets around here come to',
  aliases: ['environment'],
  commands: {
    show: { about: 'Show the variables', load: () => import('./env-show.ts') },
    explain: { about: 'Say which envset did what to a variable', load: () => import('./env-explain.ts') },
  },
};

export const config: Group = {
  about: 'Configurations that packls say',
  commands: {
    list: {
      about: 'List configurations and who says them',
      aliases: ['ls'],
      load: () => import('./config-list.ts'),
    },
    get: { about: 'Print what a configuration comes to', load: () => import('./config-get.ts') },
    explain: { about: 'Say where each value comes from', load: () => import('./config-explain.ts') },
  },
};

export const asset: Group = {
  about: 'Big files of products',
  aliases: ['assets'],
  commands: {
    add: { about: 'Put a file, folder or sequence into a product', load: () => import('./asset-add.ts') },
    lint: { about: 'Have asset types look for mistakes', load: () => import('./asset-lint.ts') },
    preview: { about: 'Make what shows an asset', load: () => import('./asset-preview.ts') },
    migrate: { about: 'Bring assets to what their types are now', load: () => import('./asset-migrate.ts') },
  },
};

export const offered: Leaf = {
  about: 'What people can do with the tasks here',
  load: () => import('./task-commands.ts'),
};
export const perform: Leaf = { about: 'Do what a task offers people', load: () => import('./do.ts') };
