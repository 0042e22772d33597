/**
 * What one packl asks for, told apart by who answers: packls are picked from the view, third-party packages come
 * from the lock that the packl carries. `groups` and devDependencies are not asked for.
 */
import type { Row } from './change.ts';
import { gapsOf } from './third-party-graph.ts';
import type { View } from './view.ts';

export interface Ask {
  readonly name: string;
  readonly range: string;
  /** a missing optional dependency is left out; an optional peer counts only when somebody requires it */
  readonly optional: boolean;
}

export interface Asks {
  /** packls this packl gets its own pick of */
  readonly own: readonly Ask[];
  /** packls it shares with the whole closure */
  readonly peers: readonly Ask[];
  /** third-party packages that its lock does not have, or has only in part */
  readonly missing: readonly Ask[];
}

export function asksOf(view: View, { manifest, thirdParty }: Row): Asks {
  const {
    dependencies = {},
    optionalDependencies = {},
    peerDependencies = {},
    peerDependenciesMeta = {},
  } = manifest;
  const own = new Map<string, Ask>();
  // npm lets an optional dependency override a plain one of the same name.
  for (const [name, range] of Object.entries(dependencies)) own.set(name, { name, range, optional: false });
  for (const [name, range] of Object.entries(optionalDependencies))
    own.set(name, { name, range, optional: true });
  const peers = Object.entries(peerDependencies).map(([name, range]) => ({
    name,
    range,
    optional: peerDependenciesMeta[name]?.optional === true,
  }));
  const isMissing = ({ name, optional }: Ask) =>
    !view.has(name) && !optional && thirdParty?.direct[name] === undefined;
  const gaps = thirdParty === undefined ? [] : gapsOf(thirdParty);
  return {
    own: [...own.values()].filter(({ name }) => view.has(name)),
    peers: peers.filter(({ name }) => view.has(name)),
    missing: [
      ...[...own.values(), ...peers].filter(isMissing),
      ...gaps.map(({ name, range }) => ({ name, range, optional: false })),
    ],
  };
}

/** What a packl gets from the lock it carries: name → snapshot key. */
export interface ThirdPartyAsks {
  /** dependencies and peers */
  readonly required: ReadonlyMap<string, string>;
  readonly optional: ReadonlyMap<string, string>;
}

const nothing: ThirdPartyAsks = { required: new Map(), optional: new Map() };

export function thirdPartyOf(view: View, { manifest, thirdParty }: Row): ThirdPartyAsks {
  if (thirdParty === undefined) return nothing;
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = manifest;
  const direct = (names: string[]) =>
    new Map(
      names
        .filter((name) => !view.has(name) && thirdParty.direct[name] !== undefined)
        .map((name) => [name, thirdParty.direct[name]!]),
    );
  const optionalNames = Object.keys(optionalDependencies);
  const requiredNames = [...Object.keys(peerDependencies), ...Object.keys(dependencies)];
  return {
    required: direct(requiredNames.filter((name) => !optionalNames.includes(name))),
    optional: direct(optionalNames),
  };
}
