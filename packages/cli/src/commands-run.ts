/** The part of the tree about one run, and about what may start at all. */
import type { Group, Leaf } from './commands.ts';

export const run: Group = {
  about: 'One run: stop it, try it again, watch it',
  commands: {
    cancel: { about: 'Stop a run that waits or runs', load: () => import('./run-cancel.ts') },
    retry: { about: 'Try again what failed', load: () => import('./run-retry.ts') },
    reproduce: {
      about: 'Rebuild a past run here: a shell at its failing action, or all of it again',
      load: () => import('./run-reproduce.ts'),
    },
    attach: { about: 'Follow a run to its end, and end as it does', load: () => import('./run-attach.ts') },
  },
};

export const pause: Leaf = {
  about: 'Let a task, an index or everything start no runs',
  load: () => import('./pause.ts'),
};
export const resume: Leaf = { about: 'Let go on what was paused', load: () => import('./resume.ts') };
export const pauses: Leaf = { about: 'What is paused, by whom and why', load: () => import('./pauses.ts') };
