/** What the runner tells an action, in the file that `PIPL_CONTEXT` names. */
import type { AssetKind } from './asset-types.ts';

export interface WrittenInput {
  readonly name: string;
  readonly version: string;
  readonly type: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly assets: Readonly<
    Record<
      string,
      {
        readonly kind: AssetKind;
        /** file or folder */
        readonly path: string;
        readonly dir: string;
        readonly frames?: readonly number[];
        readonly files?: Readonly<Record<string, string>>;
      }
    >
  >;
}

export interface WrittenOutput {
  readonly name: string;
  readonly version: string;
  /** `dir` exists and is empty when the run begins */
  readonly assets: Readonly<Record<string, { readonly kind: AssetKind; readonly dir: string }>>;
}

export interface Context {
  readonly task: { readonly name: string; readonly version: string };
  /** as `describe` returned them */
  readonly parameters: unknown;
  readonly inputs: Readonly<Record<string, WrittenInput | readonly WrittenInput[]>>;
  /** slot of a product → the last one there was, null where there was none; only slots that the task asks for */
  readonly previous?: Readonly<Record<string, WrittenInput | null>>;
  readonly outputs: Readonly<Record<string, WrittenOutput>>;
}

/** `@film/sh010-frames` → `sh010-frames` */
export const shortNameOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1);
