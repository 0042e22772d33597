/** Rows and views written short: `row('@film/a@1.0.0', { '@film/b': '^1' })`. */
import { createHash } from 'node:crypto';
import { buildView, indexName, parseManifest } from '../src/index.ts';
import type { Manifest, Row, ThirdPartyLock, ThirdPartySnapshot, View } from '../src/index.ts';

export const main = indexName('root/PROJ');

export type RowOptions = Partial<Omit<Row, 'manifest' | 'name' | 'version'>> & { readonly manifest?: object };

const integrityOf = (text: string): string => `sha512-${createHash('sha512').update(text).digest('base64')}`;

export function row(spec: string, dependencies: Record<string, string> = {}, options: RowOptions = {}): Row {
  const at = spec.indexOf('@', 1);
  const [name, version] = [spec.slice(0, at), spec.slice(at + 1)];
  const { manifest = {}, index = main, ...rest } = options;
  const written: Manifest = parseManifest({
    name,
    version,
    dependencies,
    pipl: { kind: 'code' },
    ...manifest,
  });
  return { index, name, version, integrity: integrityOf(`${index} ${spec}`), manifest: written, ...rest };
}

export const taskRow = (
  spec: string,
  dependencies: Record<string, string> = {},
  options: RowOptions = {},
): Row =>
  row(spec, dependencies, {
    ...options,
    manifest: {
      pipl: { kind: 'task', type: '@film/pipeline/render#Render', products: {} },
      ...options.manifest,
    },
  });

export const productRow = (spec: string, dependencies: Record<string, string> = {}): Row =>
  row(spec, dependencies, {
    manifest: { pipl: { kind: 'product', type: '@film/pipeline/products#Frames' } },
  });

export const peers = (
  peerDependencies: Record<string, string>,
  optional: readonly string[] = [],
  more: RowOptions = {},
): RowOptions => ({
  ...more,
  manifest: {
    peerDependencies,
    peerDependenciesMeta: Object.fromEntries(optional.map((name) => [name, { optional: true }])),
    ...more.manifest,
  },
});

/** A view of one index. @param tags by `name:tag` → version */
export const view = (rows: readonly Row[], tags: Record<string, string> = {}): View =>
  buildView({
    index: main,
    indexes: [{ name: main, bases: [] }],
    rows,
    tags: Object.entries(tags).map(([key, version]) => {
      const at = key.lastIndexOf(':');
      return { index: main, name: key.slice(0, at), tag: key.slice(at + 1), version };
    }),
  });

export interface Third {
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  /** entry of `packages` beside resolution */
  readonly about?: Record<string, unknown>;
  readonly integrity?: string;
}

/** @param snapshots by snapshot key */
export function thirdParty(direct: Record<string, string>, snapshots: Record<string, Third>): ThirdPartyLock {
  const packages: Record<string, { resolution: { integrity: string } }> = {};
  const written: Record<string, ThirdPartySnapshot> = {};
  for (const [key, { dependencies, optionalDependencies, about, integrity }] of Object.entries(snapshots)) {
    const packageKey = key.split('(')[0]!;
    packages[packageKey] = { resolution: { integrity: integrity ?? integrityOf(packageKey) }, ...about };
    written[key] = {
      ...(dependencies === undefined ? {} : { dependencies }),
      ...(optionalDependencies === undefined ? {} : { optionalDependencies }),
    };
  }
  return { lockfileVersion: 1, direct, packages, snapshots: written };
}
