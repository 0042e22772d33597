/** Why an attempt that waits for a place is taken back from the engine. */
import { causeWords } from './sentences.ts';
import type { Cause } from './types.ts';

export type Superseding =
  /** `changed`: what its task reads is something else now; `comes`: it will be, when who makes it has run */
  | { readonly is: 'changed' | 'comes'; readonly cause: Cause }
  | { readonly is: 'paused'; readonly by: string; readonly reason?: string };

/** What it was taken back for, as a clause. */
export function supersededWords(superseding: Superseding | undefined): string {
  switch (superseding?.is) {
    case 'changed':
      return `${causeWords(superseding.cause)} changed what it reads`;
    case 'comes':
      return `${causeWords(superseding.cause)} is yet to change what it reads`;
    case 'paused': {
      const { by, reason } = superseding;
      return `${by} paused its task${reason === undefined ? '' : `: ${reason}`}`;
    }
    case undefined:
      return 'the engine was asked for it';
  }
}
