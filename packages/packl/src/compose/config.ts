/**
 * Named configurations: what several packls say under one name, laid over each other in dependency order.
 *
 * Pure. Objects are merged key by key; everything else (lists too) is replaced whole. Every value remembers who said
 * it and what it hides.
 */
import { specOf, type PacklGraph } from './graph.ts';

export type ConfigValue = Readonly<Record<string, unknown>>;

/** What one packl says under one name: plain JSON, or an entry point that only code can read. */
export interface ConfigLayer {
  /** name@version */
  readonly packl: string;
  readonly dir: string;
  readonly says: ConfigValue | string;
}

/** A layer that has been read. */
export interface ReadLayer {
  readonly packl: string;
  readonly value: ConfigValue;
}

export interface ConfigOrigin {
  /** `root`, or `limits.memory` */
  readonly key: string;
  readonly value: unknown;
  readonly packl: string;
  /** what it hides, nearest first */
  readonly hides: readonly { readonly packl: string; readonly value: unknown }[];
}

export interface MergedConfig {
  readonly value: ConfigValue;
  /** one for each value that is no object, in the order of the keys */
  readonly origins: readonly ConfigOrigin[];
}

/** Name → who speaks of it, first the deepest dependency. No code is loaded. */
export function configLayers({ packls }: PacklGraph): ReadonlyMap<string, readonly ConfigLayer[]> {
  const layers = new Map<string, ConfigLayer[]>();
  for (const packl of packls) {
    for (const [name, says] of Object.entries(packl.field.config ?? {})) {
      const layer = { packl: specOf(packl), dir: packl.dir, says };
      layers.set(name, [...(layers.get(name) ?? []), layer]);
    }
  }
  return layers;
}

const isObject = (value: unknown): value is ConfigValue =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function mergeConfig(layers: readonly ReadLayer[]): MergedConfig {
  const value = layers.reduce<ConfigValue>((below, { value: above }) => merged(below, above), {});
  return { value, origins: originsOf(value, layers, []) };
}

function merged(below: ConfigValue, above: ConfigValue): ConfigValue {
  const result: Record<string, unknown> = { ...below };
  for (const [key, over] of Object.entries(above)) {
    const under = Object.hasOwn(below, key) ? below[key] : undefined;
    const both = isObject(under) && isObject(over) ? merged(under, over) : over;
    // A key called __proto__ is a key like any other.
    Object.defineProperty(result, key, { value: both, enumerable: true, writable: true, configurable: true });
  }
  return result;
}

function originsOf(
  value: ConfigValue,
  layers: readonly ReadLayer[],
  path: readonly string[],
): ConfigOrigin[] {
  return Object.entries(value).flatMap(([key, found]) => {
    const here = [...path, key];
    if (isObject(found) && Object.keys(found).length > 0) return originsOf(found, layers, here);
    const said = layers
      .flatMap(({ packl, value: whole }) => {
        const at = atPath(whole, here);
        return at === undefined ? [] : [{ packl, value: at.value }];
      })
      .toReversed();
    const [last, ...hides] = said;
    return last === undefined ? [] : [{ key: here.join('.'), ...last, hides }];
  });
}

function atPath(value: unknown, path: readonly string[]): { readonly value: unknown } | undefined {
  let at = value;
  for (const key of path) {
    if (!isObject(at) || !Object.hasOwn(at, key)) return undefined;
    at = at[key];
  }
  return { value: at };
}

/** `asset_store.root` or `root` of one configuration → the part of it. */
export const partOf = (value: ConfigValue, key: string): { readonly value: unknown } | undefined =>
  atPath(value, key.split('.'));
