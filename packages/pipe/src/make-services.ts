/**
 * Services and configurations out of a graph of packls.
 *
 * What there is stands in manifests; a module is imported when its service is first asked for. Of several packls that
 * offer one name the last in dependency order has it. A service is made once, with the configuration of its name, and
 * disposed of in the reverse order of making.
 */
import {
  configLayers,
  type ConfigLayer,
  entriesOf,
  entryPoints,
  type GraphPackl,
  mergeConfig,
  type MergedConfig,
  noEntryPoint,
  type PacklGraph,
  PiplError,
  piplError,
  specOf,
} from '@pipl/packl';
import { loadEntry } from './load-entry.ts';
import { checkedBy, type Schema } from './schema.ts';
import type { ServiceDefinition, ServiceFactory, Services, ServiceContext } from './service-types.ts';

/** What `@pipl/pipe` offers itself, below every packl. */
export type OwnServices = Readonly<Record<string, ServiceFactory<Record<string, unknown>>>>;

export interface MakeServices {
  /** asked once, when something is first needed */
  readonly graph: () => PacklGraph;
  readonly own: OwnServices;
}

interface Maker {
  readonly packl: Pick<GraphPackl, 'name' | 'version' | 'dir'>;
  readonly definition: () => Promise<ServiceDefinition<never>>;
}

export function makeServices({ graph: find, own }: MakeServices): Services & {
  readonly config: Services['config'] & { explain(name: string): Promise<MergedConfig> };
} {
  let known: PacklGraph | undefined;
  const graph = () => (known ??= find());
  const made = new Map<string, Promise<unknown>>();
  const ending: { name: string; value: unknown }[] = [];
  const configs = new Map<string, Promise<MergedConfig>>();

  const merged = (name: string): Promise<MergedConfig> => {
    const before = configs.get(name);
    if (before !== undefined) return before;
    const reading = readConfig(configLayers(graph()).get(name) ?? []);
    configs.set(name, reading);
    return reading;
  };
  const config = {
    async get<T>(name: string, schema?: Schema<T>): Promise<T> {
      const found = await merged(name);
      return (await fitting({ name, config: found, schema, by: undefined })) as T;
    },
    names: () => [...configLayers(graph()).keys()].toSorted(),
    explain: merged,
  };

  async function make(
    name: string,
    { makers, asking }: { makers: readonly Maker[]; asking: readonly string[] },
  ) {
    const [maker, ...below] = makers;
    if (maker === undefined) throw noEntryPoint('services', name, serviceNames(graph(), own));
    const { packl } = maker;
    const definition = await maker.definition();
    const value = await fitting({
      name,
      config: await merged(name),
      schema: definition.config,
      by: specOf(packl),
    });
    const context: ServiceContext = {
      name,
      packl: { name: packl.name, version: packl.version, dir: packl.dir },
      services: { config, get: (other: string) => get(other, [...asking, name]) as never },
      overridden: <T>() => make(name, { makers: below, asking }) as Promise<T>,
    };
    const service = await guarded(name, packl, () => definition.create(value as never, context));
    ending.push({ name, value: service });
    return service;
  }

  async function get(name: string, asking: readonly string[]): Promise<unknown> {
    if (asking.includes(name)) throw circle([...asking, name]);
    const before = made.get(name);
    if (before !== undefined) return before;
    const making = make(name, { makers: makersOf(name, graph(), own), asking });
    made.set(name, making);
    // What could not be made may be asked for again.
    making.catch(() => made.delete(name));
    return making;
  }

  async function dispose(): Promise<void> {
    const failures: unknown[] = [];
    for (const { value } of ending.splice(0).toReversed()) {
      await ended(value).catch((error: unknown) => failures.push(error));
    }
    made.clear();
    if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateError(failures);
  }

  return {
    config,
    get: (name: string) => get(name, []) as never,
    list: () => [...listed(graph(), own)],
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

async function readConfig(layers: readonly ConfigLayer[]): Promise<MergedConfig> {
  const read = await Promise.all(
    layers.map(async ({ packl, dir, says }) => {
      if (typeof says !== 'string') return { packl, value: says };
      const value = await loadEntry({ spec: packl, dir, field: 'config' }, says);
      if (typeof value === 'object' && value !== null && !Array.isArray(value))
        return { packl, value: value as Record<string, unknown> };
      throw piplError('invalid', 'PIPL_ENTRY_NOT_LOADED', {
        what: `${says} of ${packl} is not a configuration.`,
        why: 'A configuration is an object with names.',
        hint: `Mend pipl.config of ${packl}, or what the module exports.`,
      });
    }),
  );
  return mergeConfig(read);
}

interface Fitting {
  readonly name: string;
  readonly config: MergedConfig;
  readonly schema: Schema | undefined;
  /** the packl whose service asks */
  readonly by: string | undefined;
}

async function fitting({ name, config: { value, origins }, schema, by }: Fitting): Promise<unknown> {
  if (schema === undefined) return value;
  const checked = await checkedBy(schema, value, name);
  if (!('problems' in checked)) return checked.value;
  const problems = checked.problems.map((problem) => {
    const key = problem.slice(0, problem.indexOf(':'));
    const origin = origins.find((one) => one.key === key || one.key.startsWith(`${key}.`));
    return origin === undefined ? problem : `${problem} (${origin.packl} says it)`;
  });
  throw piplError('invalid', 'PIPL_CONFIG', {
    what: `The configuration ${name} does not fit${by === undefined ? '' : ` the service of ${by}`}.`,
    why: problems.join('; '),
    hint: `Mend config.${name} of the packl that says it, or say it in one that depends on it; pipl config explain ${name} shows who says what.`,
    problems,
  });
}

function makersOf(name: string, { packls }: PacklGraph, own: OwnServices): Maker[] {
  const offering = packls.filter((packl) => entriesOf(packl, 'services')[name] !== undefined).toReversed();
  const ours = own[name];
  return [
    ...offering.map((packl) => ({
      packl,
      definition: async () => definitionIn(packl, entriesOf(packl, 'services')[name]!),
    })),
    ...(ours === undefined
      ? []
      : [
          {
            packl: { name: '@pipl/pipe', version: '', dir: '' },
            definition: async () => ({ create: ours }) as never,
          },
        ]),
  ];
}

async function definitionIn(packl: GraphPackl, entry: string): Promise<ServiceDefinition<never>> {
  const spec = specOf(packl);
  const found = await loadEntry({ spec, dir: packl.dir, field: 'services' }, entry);
  if (typeof found === 'function') return { create: found as ServiceFactory<never> };
  if (
    typeof found === 'object' &&
    found !== null &&
    typeof (found as ServiceDefinition).create === 'function'
  )
    return found as ServiceDefinition<never>;
  throw piplError('invalid', 'PIPL_ENTRY_NOT_LOADED', {
    what: `${entry} of ${spec} makes no service.`,
    why: `It is ${found === null ? 'null' : typeof found === 'object' ? 'an object without create' : `a ${typeof found}`}.`,
    hint: 'A service is a function (config, context) => service, or what defineService returns.',
  });
}

async function guarded<T>(name: string, packl: Maker['packl'], work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof PiplError) throw cause;
    throw piplError('invalid', 'PIPL_SERVICE', {
      what: `${packl.name === '@pipl/pipe' ? packl.name : specOf(packl)} could not make the service ${name}.`,
      why: cause instanceof Error ? cause.message : String(cause),
      hint: `Mend ${packl.name}, or its configuration: pipl config explain ${name}`,
      cause,
    });
  }
}

const circle = (names: readonly string[]) =>
  piplError('invalid', 'PIPL_SERVICE_CIRCLE', {
    what: `The service ${names.at(-1)} needs itself.`,
    why: `${names.join(' asks for ')}.`,
    hint: 'Let one of them ask when it is used, not when it is made.',
  });

const serviceNames = (graph: PacklGraph, own: OwnServices): string[] => [
  ...new Set([...Object.keys(own), ...entryPoints(graph, 'services').keys()]),
];

function listed(graph: PacklGraph, own: OwnServices): ReturnType<Services['list']> {
  const found = entryPoints(graph, 'services');
  return serviceNames(graph, own)
    .toSorted()
    .map((name) => {
      const entry = found.get(name);
      const ours = name in own ? ['@pipl/pipe'] : [];
      if (entry === undefined) return { name, packl: '@pipl/pipe', hides: [] };
      return { name, packl: specOf(entry.packl), hides: [...entry.hides, ...ours] };
    });
}

async function ended(service: unknown): Promise<void> {
  if (typeof service !== 'object' || service === null) return;
  const {
    dispose,
    [Symbol.asyncDispose]: later,
    [Symbol.dispose]: now,
  } = service as Partial<AsyncDisposable> & Partial<Disposable> & { dispose?: unknown };
  const end = typeof dispose === 'function' ? dispose : (later ?? now);
  await (end as (() => unknown) | undefined)?.call(service);
}
