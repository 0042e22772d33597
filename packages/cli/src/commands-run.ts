/** The part of the tree about one run. */
import type { Group } from './commands.ts';

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
