/** The part of the tree of commands about people: users, tokens, the audit log, logging in and out. */
import type { Group, Leaf } from './commands.ts';

export const user: Group = {
  about: 'Users of the project',
  aliases: ['users'],
  commands: {
    list: { about: 'List users', aliases: ['ls'], load: () => import('./proj-user-list.ts') },
    add: { about: 'Add a user', load: () => import('./proj-user-add.ts') },
    set: { about: 'Change a user', load: () => import('./proj-user-set.ts') },
    remove: { about: 'Remove a user', aliases: ['rm'], load: () => import('./proj-user-remove.ts') },
  },
};

export const token: Group = {
  about: 'Tokens of yours, for programs',
  aliases: ['tokens'],
  commands: {
    create: { about: 'Make a token, with limits or without', load: () => import('./proj-token-create.ts') },
    list: { about: 'List your tokens', aliases: ['ls'], load: () => import('./proj-token-list.ts') },
    revoke: { about: 'End a token', aliases: ['rm'], load: () => import('./proj-token-revoke.ts') },
  },
};

export const audit: Leaf = {
  about: 'Who wrote what, and what was refused',
  load: () => import('./proj-audit.ts'),
};
export const login: Leaf = { about: 'Log in to a project', load: () => import('./login.ts') };
export const logout: Leaf = { about: 'End a login', load: () => import('./logout.ts') };
