/** What an open wave does not see yet. */
import type { IndexShape, Row, TagRow } from '@pipl/packl';
import type { Cause } from './types.ts';

/** A change that came after the cut: what the wave goes on seeing, and what the registry shows. */
export type HeldRecord = { readonly cause: Cause & { readonly is: 'change' } } & (
  | { readonly table: 'rows'; readonly key: string; readonly before?: Row; readonly after?: Row }
  | { readonly table: 'tags'; readonly key: string; readonly before?: TagRow; readonly after?: TagRow }
  | {
      readonly table: 'indexes';
      readonly key: string;
      readonly before: readonly IndexShape[];
      readonly after: readonly IndexShape[];
    }
);
