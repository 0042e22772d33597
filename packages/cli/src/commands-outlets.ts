/** The part of the tree about how the world hears of a project, and whether to believe what it hears. */
import type { Group, Leaf } from './commands.ts';

export const webhook: Group = {
  about: 'Webhooks: whom the server tells of changes',
  aliases: ['webhooks'],
  commands: {
    list: { about: 'List webhooks', aliases: ['ls'], load: () => import('./proj-webhook-list.ts') },
    add: { about: 'Add a webhook', load: () => import('./proj-webhook-add.ts') },
    remove: { about: 'Remove a webhook', aliases: ['rm'], load: () => import('./proj-webhook-remove.ts') },
    redeliver: {
      about: 'Deliver again what was given up, or one change',
      load: () => import('./proj-webhook-redeliver.ts'),
    },
    test: { about: 'Send a ping to a webhook', load: () => import('./proj-webhook-test.ts') },
  },
};

export const reach: Group = {
  about: 'Inner hosts that the server may call',
  commands: {
    list: { about: 'List them', aliases: ['ls'], load: () => import('./proj-reach-list.ts') },
    add: { about: 'Let the server call a host', load: () => import('./proj-reach-add.ts') },
    remove: {
      about: 'Take a host off the list',
      aliases: ['rm'],
      load: () => import('./proj-reach-remove.ts'),
    },
  },
};

export const keys: Group = {
  about: 'Keys that sign what is published',
  commands: {
    list: { about: 'List the public keys', aliases: ['ls'], load: () => import('./proj-keys-list.ts') },
    rotate: { about: 'Sign with a new key from now on', load: () => import('./proj-keys-rotate.ts') },
  },
};

export const verify: Leaf = {
  about: 'Is a version what was signed; what is a file, and what made it?',
  load: () => import('./verify.ts'),
};

const lineageLeaf = (direction: 'up' | 'down', about: string): Leaf => ({
  about,
  load: async () => ({ command: (await import('./lineage.ts')).lineage(direction) }),
});

export const lineage: Group = {
  about: 'What made a version or a file, and what was made of it',
  commands: {
    up: lineageLeaf('up', 'What it was made from, back to every source'),
    down: lineageLeaf('down', 'What was made of it'),
  },
};
