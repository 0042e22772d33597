/** What is known about the request that is being answered, for code that Verdaccio calls without telling it. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { IndexName } from '@pipl/packl';
import type { Outside } from './door/forwarded.ts';
import type { Packument } from './reading/packument.ts';
import type { Principal } from './people/principal.ts';
import type { Order } from './reading/reads.ts';
import type { Form } from './reading/upstream.ts';

export interface Asked {
  readonly index: IndexName;
  /** what of it the asker may read, nearest first */
  readonly order: Order;
  /** `/owner/name/`: where the index stands on this server, behind the sub-path of a proxy */
  readonly prefix: string;
  /** the same as a whole URL: what addresses of tarballs start with */
  readonly base: string;
  readonly outside: Outside;
  readonly principal: Principal;
  readonly form: Form;
  /** fetched before Verdaccio asks for it, so that a failure can be answered in our words */
  document?: { readonly name: string; readonly packument: Packument | undefined };
}

export const asking = new AsyncLocalStorage<Asked>();
