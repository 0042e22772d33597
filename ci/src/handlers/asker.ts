/** Who asks, and whether they may: of the routes that change what `.pipl` says. */
import { piplError, type IndexName } from '@pipl/packl';
import type { ExtraRoutes } from '@pipl/registry';

export type Asked = Parameters<ExtraRoutes>[2];

export const isOwner = ({ principal }: Asked, index: IndexName): boolean =>
  principal.is === 'user' &&
  principal.limits === undefined &&
  (principal.name === 'root' || index.startsWith(`${principal.name}/`));

export function needUser({ principal }: Asked): string {
  if (principal.is === 'user') return principal.name;
  throw piplError('auth', 'PIPL_LOGIN_NEEDED', {
    what: 'This needs a user.',
    why: 'It makes the server run something.',
    hint: 'Run `pipl login NAME`.',
  });
}

export const denied = (what: string, why: string) =>
  piplError('denied', 'PIPL_DENIED', { what, why, hint: 'Ask root, or whoever owns the index.' });

/** What `.pipl` says runs programs with the rights of the server, and opens indexes: only whom the project belongs to says it. */
export function needRoot(asked: Asked, what = 'the handlers of this project'): void {
  const by = needUser(asked);
  const { principal } = asked;
  if (by === 'root' && principal.is === 'user' && principal.limits === undefined) return;
  throw denied(`${by} may not change ${what}.`, '.pipl says them, and belongs to root.');
}

export const noIndex = (name: string) =>
  piplError('notFound', 'PIPL_NO_INDEX', {
    what: `There is no index ${name}.`,
    why: 'Handlers and gates stand in indexes of the project.',
    hint: `Make it: pipl proj index create ${name}`,
  });
