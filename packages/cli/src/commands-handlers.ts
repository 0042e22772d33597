/** The part of the tree about handlers and gates: what an index does by itself, and what it asks for. */
import type { Group } from './commands.ts';

export const handler: Group = {
  about: 'What indexes do by themselves when something changes',
  aliases: ['handlers'],
  commands: {
    list: { about: 'List handlers', aliases: ['ls'], load: () => import('./proj-handler-list.ts') },
    add: { about: 'Add a handler to an index', load: () => import('./proj-handler-add.ts') },
    remove: { about: 'Remove a handler', aliases: ['rm'], load: () => import('./proj-handler-remove.ts') },
    test: {
      about: 'Run a handler on a version, without consequences',
      load: () => import('./proj-handler-test.ts'),
    },
    log: { about: 'What handlers did, and found', load: () => import('./proj-handler-log.ts') },
    retry: { about: 'Have something tried again', load: () => import('./proj-handler-retry.ts') },
  },
};

export const gate: Group = {
  about: 'What indexes ask for before a version is promoted into them',
  aliases: ['gates'],
  commands: {
    list: {
      about: 'List gates, and what waits for them',
      aliases: ['ls'],
      load: () => import('./proj-gate-list.ts'),
    },
    set: { about: 'Say what an index asks for', load: () => import('./proj-gate-set.ts') },
    remove: { about: 'Take a gate away', aliases: ['rm'], load: () => import('./proj-gate-remove.ts') },
  },
};
