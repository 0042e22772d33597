/** What is known about the request that is being answered, for code that Verdaccio calls without telling it. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { IndexName } from '@pipl/packl';
import type { Packument } from './packument.ts';
import type { Principal } from './principal.ts';
import type { Form } from './upstream.ts';

export interface Asked {
  readonly index: IndexName;
  /** `/owner/name/`: where the index stands on this server */
  readonly prefix: string;
  readonly principal: Principal;
  readonly form: Form;
  /** fetched before Verdaccio asks for it, so that a failure can be answered in our words */
  document?: { readonly name: string; readonly packument: Packument | undefined };
}

export const asking = new AsyncLocalStorage<Asked>();
