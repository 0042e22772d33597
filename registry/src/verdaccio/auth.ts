/**
 * Verdaccio's authentication. The server has found out who asks before Verdaccio sees the request; this hands
 * it on. Reading is for everybody; publishing does not happen here at all.
 */
import type { IncomingMessage } from 'node:http';
import { asking } from '../context.ts';
import type { Principal } from '../people/principal.ts';
import type { Users } from '../people/users.ts';

interface RemoteUser {
  name: string | undefined;
  groups: string[];
  real_groups: string[];
}
interface Helpers {
  createAnonymousRemoteUser(): RemoteUser;
  createRemoteUser(name: string, groups: string[]): RemoteUser;
}
interface Response {
  locals: Record<string, unknown>;
}
type Callback<T> = (error: Error | null, value?: T) => void;

const groupsOf = (name: string) => [name];

function remoteUserOf(principal: Principal | undefined, helpers: Helpers): RemoteUser {
  switch (principal?.is) {
    case 'user':
      return helpers.createRemoteUser(principal.name, groupsOf(principal.name));
    case 'run':
      return helpers.createRemoteUser(`run:${principal.attempt}`, []);
    case 'anonymous':
    case undefined:
      return helpers.createAnonymousRemoteUser();
  }
}

const denied = (): Error =>
  Object.assign(new Error('publishing does not go through Verdaccio here'), { status: 403 });

export function authPlugin(users: Users) {
  const refuse = (_user: unknown, _packl: unknown, callback: Callback<boolean>) => callback(denied());
  return {
    apiJWTmiddleware:
      (helpers: Helpers) =>
      (request: IncomingMessage & { remote_user?: RemoteUser }, response: Response, next: () => void) => {
        const user = remoteUserOf(asking.getStore()?.principal, helpers);
        request.remote_user = user;
        response.locals['remote_user'] = user;
        next();
      },
    /** Verdaccio's own login; that of the web pages never comes this far. */
    authenticate(user: string, password: string, callback: Callback<string[]>) {
      const address = asking.getStore()?.outside.address ?? '';
      users.check({ user, password, address }).then(
        () => process.nextTick(callback, null, groupsOf(user)),
        (error: unknown) => process.nextTick(callback, Object.assign(error as Error, { status: 401 })),
      );
    },
    allow_access: (_user: unknown, _packl: unknown, callback: Callback<boolean>) => callback(null, true),
    allow_publish: refuse,
    allow_unpublish: refuse,
  };
}
