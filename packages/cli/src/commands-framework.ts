/** The commands of what packls say to each other: environments and configurations. */
import type { Group } from './commands.ts';

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
