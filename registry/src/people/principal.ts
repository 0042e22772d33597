/** Who asks, and what each may do. Pure: knows rights, not tokens or requests. */
import { piplError, type IndexName, type PiplError } from '@pipl/packl';
import type { TokenLimits } from '@pipl/registry-client';
import { noIndex } from '../indexes/indexes.ts';
import { mayPublishTo, mayRead, type Rights } from './rights.ts';
import { refuseNames } from './token-limits.ts';

export type Principal =
  | { readonly is: 'anonymous' }
  | {
      readonly is: 'user';
      readonly name: string;
      /** of the token that was shown, when it may do less than its owner */
      readonly limits?: TokenLimits;
    }
  | {
      readonly is: 'run';
      readonly attempt: string;
      readonly index: IndexName;
      readonly packls: readonly string[];
    };

/** As the feed and the rows name them. */
export function signatureOf(principal: Principal): string {
  switch (principal.is) {
    case 'anonymous':
      return 'anonymous';
    case 'user':
      return principal.name;
    case 'run':
      return `run:${principal.attempt}`;
  }
}

const loginFirst = (what: string): PiplError =>
  piplError('auth', 'PIPL_LOGIN_NEEDED', {
    what: `${what} needs a user.`,
    why: 'The request carries no token.',
    hint: 'Log in with `pipl login`, or with `npm login --registry <the index>`.',
  });

export const notYours = (what: string, why: string): PiplError =>
  piplError('denied', 'PIPL_DENIED', { what, why, hint: 'Ask root, or whoever owns the index.' });

/** Before a body is read that only somebody may send. @throws PIPL_LOGIN_NEEDED */
export function refuseAnonymous(principal: Principal, what: string): void {
  if (principal.is === 'anonymous') throw loginFirst(what);
}

export interface Publishing {
  readonly index: IndexName;
  readonly names: readonly string[];
  readonly rights: Rights;
}

/**
 * Publishing, tags, deprecation: whom the index lets, by default everybody in the project's own index, elsewhere
 * its owner and root. A run publishes what its ticket names, where its ticket says.
 * @throws PIPL_LOGIN_NEEDED PIPL_DENIED PIPL_NO_INDEX
 */
export function mayPublish(principal: Principal, { index, names, rights }: Publishing): void {
  switch (principal.is) {
    case 'anonymous':
      throw loginFirst(`Publishing to ${index}`);
    case 'user':
      refuseNames(principal.limits, { index, names });
      if (rights.indexes.has(index) && mayPublishTo(rights, principal.name, index)) return;
      if (!mayRead(rights, principal, index)) throw noIndex(index);
      throw notYours(`${principal.name} may not publish to ${index}.`, 'The index belongs to somebody else.');
    case 'run': {
      if (principal.index !== index) {
        throw notYours(`This run may not publish to ${index}.`, `Its token is for ${principal.index}.`);
      }
      const other = names.find((name) => !principal.packls.includes(name));
      if (other === undefined) return;
      throw notYours(
        `This run may not publish ${other}.`,
        `Its token is for ${principal.packls.join(', ')}.`,
      );
    }
  }
}

/** A gated index takes people's versions by promotion only; runs publish their products. @throws PIPL_GATED */
export function refuseGated(principal: Principal, { index, rights }: Omit<Publishing, 'names'>): void {
  if (principal.is === 'run' || rights.indexes.get(index)?.gate === undefined) return;
  throw piplError('denied', 'PIPL_GATED', {
    what: `Nothing is published to ${index} directly.`,
    why: 'It has a gate: versions come into it by promotion, after checks and approval.',
    hint: `Publish to another index, then \`pipl promote <spec> --to ${index}\`.`,
  });
}

/**
 * What people do and runs never: tags, deprecation, withdrawal.
 * @throws PIPL_LOGIN_NEEDED PIPL_DENIED
 */
export function mustBePerson(principal: Principal, what: string): string {
  if (principal.is === 'user') return principal.name;
  if (principal.is === 'anonymous') throw loginFirst(what);
  throw notYours(`A run may not do this: ${what}.`, 'Its token can only publish what its ticket names.');
}

/**
 * Root may everything; others what is theirs.
 * @param owner of the index, or the user, in question
 * @throws PIPL_LOGIN_NEEDED PIPL_DENIED
 */
export function mayAdminister(principal: Principal, owner: string, what: string): string {
  const name = mustBePerson(principal, what);
  if (name === 'root' || name === owner) return name;
  throw notYours(`${name} may not do this: ${what}.`, `Only root and ${owner} may.`);
}
