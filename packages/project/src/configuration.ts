/**
 * Configurations as the packls around a folder say them: which there are, what they come to, who says what.
 *
 * Plain JSON is read from manifests. What a packl makes in code, `pipl-step` is asked for: no code of a packl is
 * loaded here, and none at all to list them.
 */
import {
  configLayers,
  type ConfigLayer,
  mergeConfig,
  type MergedConfig,
  partOf,
  piplError,
} from '@pipl/packl';
import { askStep } from './pipe-step.ts';
import { type AroundHere, type Looking, mustGraphHere } from './workspace-graph.ts';

export interface ListedConfig {
  readonly name: string;
  /** first the deepest dependency; `code` where a module makes it */
  readonly said: readonly { readonly packl: string; readonly by: 'json' | 'code' }[];
}

/** @throws PIPL_NO_PACKL, PIPL_MANIFEST */
export async function listConfigs(looking: Looking): Promise<readonly ListedConfig[]> {
  const { graph } = await mustGraphHere(looking);
  return [...configLayers(graph)]
    .map(([name, layers]) => ({
      name,
      said: layers.map(({ packl, says }) => ({
        packl,
        by: typeof says === 'string' ? ('code' as const) : ('json' as const),
      })),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

export interface ExplainedConfig extends MergedConfig {
  readonly name: string;
  /** below the name; undefined for all of it */
  readonly key: string | undefined;
}

/**
 * What a name, or a key below it, comes to and who says it.
 * @param asked `asset_store`, or `asset_store.root`
 * @throws PIPL_NO_CONFIG (exit 3), PIPL_NOT_INSTALLED (3), PIPL_ENTRY_NOT_LOADED (7)
 */
export async function explainConfig(
  looking: Looking,
  asked: string,
): Promise<ExplainedConfig & { readonly found: unknown }> {
  const around = await mustGraphHere(looking);
  const all = configLayers(around.graph);
  const name = [...all.keys()].find((one) => asked === one || asked.startsWith(`${one}.`));
  if (name === undefined) throw noConfig(asked, [...all.keys()]);
  const key = asked === name ? undefined : asked.slice(name.length + 1);
  const merged = await read(around, name, all.get(name)!);
  const part = key === undefined ? { value: merged.value } : partOf(merged.value, key);
  if (part === undefined)
    throw noConfig(
      asked,
      merged.origins.map((origin) => `${name}.${origin.key}`),
    );
  const below = (one: string) => key === undefined || one === key || one.startsWith(`${key}.`);
  return {
    name,
    key,
    value: merged.value,
    origins: merged.origins.filter((origin) => below(origin.key)),
    found: part.value,
  };
}

async function read(around: AroundHere, name: string, layers: readonly ConfigLayer[]): Promise<MergedConfig> {
  if (layers.some(({ says }) => typeof says === 'string')) return askStep(around, ['config', name]);
  return mergeConfig(layers.map(({ packl, says }) => ({ packl, value: says as MergedConfig['value'] })));
}

const noConfig = (asked: string, known: readonly string[]) =>
  piplError('notFound', 'PIPL_NO_CONFIG', {
    what: `Nobody says anything about ${asked}.`,
    why: `There is ${known.join(', ') || 'no configuration at all'}.`,
    hint: 'pipl config list shows the configurations and who says them.',
  });
