/**
 * Which changes somebody may see: those of the indexes that they may read. The one place that says so, for
 * pages of the feed, its stream, webhooks and the front page.
 */
import type { Change } from '@pipl/packl';
import type { Principal } from './principal.ts';
import { mayRead, type Rights } from './rights.ts';

/** Root sees all, also what happened in indexes that are gone. */
export const visible = (rights: Rights, principal: Principal, { index }: Change): boolean =>
  (principal.is === 'user' && principal.name === 'root') || mayRead(rights, principal, index);
