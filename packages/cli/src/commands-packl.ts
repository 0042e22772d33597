/** The part of the tree about packls: made, edited, published. */
import type { Group, Leaf } from './commands.ts';

export const publish: Leaf = {
  about: 'Publish packls as one release',
  load: () => import('./packl-publish.ts'),
};
export const add: Leaf = { about: 'Add a dependency to a packl', load: () => import('./packl-add.ts') };

export const packl: Group = {
  about: 'Packls: create, edit, publish',
  aliases: ['packls'],
  commands: {
    create: { about: 'Create a packl', load: () => import('./packl-create.ts') },
    show: { about: 'Show the manifest of a packl', load: () => import('./packl-show.ts') },
    list: { about: 'List the packls of an index', aliases: ['ls'], load: () => import('./packl-list.ts') },
    add,
    bump: { about: 'Raise the version of a packl', load: () => import('./packl-bump.ts') },
    change: {
      about: 'Write down what changes, for the next versions',
      load: () => import('./packl-change.ts'),
    },
    version: { about: 'Make versions of what was written down', load: () => import('./packl-version.ts') },
    log: { about: 'Who edited a packl, when and why', load: () => import('./packl-log.ts') },
    check: { about: 'Say what keeps a packl from being published', load: () => import('./packl-check.ts') },
    publish,
    upload: { about: "Publish a packl, as the original's command", load: () => import('./packl-upload.ts') },
    edit: { about: 'Bring the sources of a version into a workspace', load: () => import('./packl-edit.ts') },
    get: { about: 'Get the files of a version, without a workspace', load: () => import('./packl-get.ts') },
    withdraw: {
      about: 'Take a version back; says what depends on it',
      load: () => import('./packl-withdraw.ts'),
    },
  },
};
