/**
 * `pipl-lock.json`: what the third-party dependencies of one packl resolved to when it was published.
 *
 * Written by publish from a pnpm lock, packed in the tarball (so the integrity covers it), read by the
 * registry and merged into code locks. Keys are pnpm's snapshot keys: `zod@4.6.7`, with pnpm's peer suffix
 * in parentheses where one was needed.
 */
export interface ThirdPartyLock {
  readonly lockfileVersion: 1;
  /** direct third-party dependencies: name → snapshot key */
  readonly direct: Readonly<Record<string, string>>;
  /** by `name@version` without peer suffix: pnpm-lock `packages` entries (resolution.integrity, engines, os, cpu, libc, hasBin, peerDependencies …) */
  readonly packages: Readonly<Record<string, ThirdPartyPackage>>;
  /** by snapshot key: pnpm-lock `snapshots` entries */
  readonly snapshots: Readonly<Record<string, ThirdPartySnapshot>>;
}

export interface ThirdPartyPackage {
  readonly resolution: { readonly integrity: string };
  readonly [key: string]: unknown;
}

export interface ThirdPartySnapshot {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}
