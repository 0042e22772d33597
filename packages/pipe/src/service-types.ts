/**
 * `services` as pipeline code sees it.
 */
/// <reference lib="esnext.disposable" preserve="true" />
import type { AssetStoreService } from './asset-store.ts';
import type { Schema } from './schema.ts';

/**
 * The services that code may ask for by name, with their types. A packl that adds one adds its type:
 *
 * ```ts
 * declare module '@pipl/pipe' { interface ServiceTypes { farm: Farm } }
 * ```
 */
export interface ServiceTypes {
  asset_store: AssetStoreService;
}

/** Named configurations: what the packls of the workspace say, dependents over dependencies. */
export interface Config {
  /**
   * The configuration of that name; `{}` where nobody says anything. With a schema (zod, …) it is checked, has its
   * defaults and its type.
   *
   * @throws PIPL_CONFIG naming the packls that said what does not fit, PIPL_ENTRY_NOT_LOADED
   */
  get<T = Readonly<Record<string, unknown>>>(name: string, schema?: Schema<T>): Promise<T>;
  /** The names there are. Loads no code. */
  names(): readonly string[];
}

export interface Services extends AsyncDisposable {
  readonly config: Config;
  /**
   * The service of that name: one instance a process, made when it is first asked for.
   *
   * @throws PIPL_NO_ENTRY, PIPL_ENTRY_NOT_LOADED, PIPL_CONFIG, PIPL_SERVICE naming the packl that offers it
   */
  get<Name extends keyof ServiceTypes>(name: Name): Promise<ServiceTypes[Name]>;
  get<T>(name: string): Promise<T>;
  /** Which packl offers each service. Loads no code. */
  list(): readonly { readonly name: string; readonly packl: string; readonly hides: readonly string[] }[];
  /** Ends every service that was made, the last first. `await using` and the end of an action do it. */
  dispose(): Promise<void>;
}

export interface ServiceContext {
  /** the name it is asked for by */
  readonly name: string;
  /** who offers it */
  readonly packl: { readonly name: string; readonly version: string; readonly dir: string };
  /** other services; asking for the one that is being made is refused */
  readonly services: Pick<Services, 'config' | 'get'>;
  /** The service that this one overrides, made for it alone. @throws PIPL_NO_ENTRY */
  overridden<T = unknown>(): Promise<T>;
}

/** What an entry of `pipl.services` names: gets the configuration of its own name. `dispose` of what it makes ends it. */
export type ServiceFactory<C = unknown, S = unknown> = (config: C, context: ServiceContext) => S | Promise<S>;

export interface ServiceDefinition<C = unknown, S = unknown> {
  /** of the configuration of its name */
  readonly config?: Schema<C>;
  readonly create: ServiceFactory<C, S>;
}

/** A service whose configuration is checked and typed. A plain function will do where nothing is to be checked. */
export const defineService = <C, S>(definition: ServiceDefinition<C, S>): ServiceDefinition<C, S> =>
  definition;
