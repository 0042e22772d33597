/**
 * The environment of a run: what every job gets, with the envsets of its packls on top. What comes out is the same on
 * every machine but for folders, and the same as in the workspace of a person.
 *
 * Manifests are read, no code of a packl is loaded.
 */
import { readFile } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';
import { decodeEnvironmentTemplate, OpenJdError, type EnvironmentTemplate } from '@pipl/openjd-model';
import { runnableExtensions } from '@pipl/openjd-sessions';
import {
  composeEnvironment,
  parseManifest,
  piplError,
  specOf,
  type ComposedEnvironment,
  type PacklGraph,
} from '@pipl/packl';
import { findInTree, graphWithin, type FindInTree } from '@pipl/pipe/discovery';
import { jobEnvironment, pathOf, type JobEnvironment } from './job-environment.ts';

/** What provenance keeps of it: no folder of this machine is in it. */
export interface RecordedEnvironment {
  /** `{name@version}` stands for the folder of a packl, `{inherited}` for what the machine has */
  readonly variables: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
  /** the envsets, in the order they were composed in */
  readonly envsets: readonly string[];
}

export interface RunEnvironment {
  /** all of it */
  readonly env: Readonly<Record<string, string>>;
  /** absent where no envset speaks */
  readonly recorded?: RecordedEnvironment;
  readonly composed: ComposedEnvironment;
}

interface Around {
  /** the unpacked packl that runs */
  readonly packl: string | undefined;
  /** root of the asset store */
  readonly assets: string;
}

const none: PacklGraph = { packls: [], names: new Map(), missing: [] };

/** Trees and unpacked packls do not change: a warm runner reads them once. */
const remembered = new Map<string, PacklGraph>();
const finders = new Map<string, FindInTree>();
const mostRemembered = 200;

function keep<T>(kept: Map<string, T>, key: string, make: () => T): T {
  const known = kept.get(key);
  if (known !== undefined) return known;
  const made = make();
  if (kept.size >= mostRemembered) kept.delete(kept.keys().next().value!);
  kept.set(key, made);
  return made;
}

/** The packls of an installed tree that one packl stands on, itself last. @throws PIPL_MANIFEST */
export function graphIn(tree: string, packl: string): PacklGraph {
  const find = () => keep(finders, tree, () => findInTree(tree, parseManifest));
  return keep(remembered, `${tree}\0${packl}`, () => graphWithin(packl, find(), parseManifest));
}

/** @throws PIPL_ENV_REFERENCE, PIPL_MANIFEST */
export function runEnvironment(job: JobEnvironment, { packl, assets }: Around): RunEnvironment {
  const graph = job.tree === undefined || packl === undefined ? none : graphIn(job.tree, packl);
  const composed = composeEnvironment(graph, { inherited: { PATH: pathOf(job.own) }, delimiter });
  const { PATH, ...variables } = composed.variables;
  const base = jobEnvironment(PATH === undefined ? job : { ...job, own: { ...job.own, PATH } });
  const kept = Object.entries(base).filter(([name]) => name === 'PATH' || !composed.unset.includes(name));
  const env = {
    ...Object.fromEntries(kept),
    ...variables,
    PIPL_ASSETS: assets,
    ...(packl === undefined ? {} : { PIPL_PACKL: packl }),
  };
  const envsets = graph.packls.filter(({ field }) => field.kind === 'envset').map(specOf);
  if (envsets.length === 0) return { env, composed };
  return { env, composed, recorded: { variables: composed.portable, unset: composed.unset, envsets } };
}

/** What the envsets run when a session begins and ends. @throws PIPL_ENV_TEMPLATE naming the envset */
export function environmentTemplates({ templates }: ComposedEnvironment): Promise<EnvironmentTemplate[]> {
  return Promise.all(
    templates.map(async ({ packl, dir, file }) => {
      const text = await readFile(resolve(dir, file), 'utf8').catch((error: Error) => {
        throw badTemplate(packl, file, error.message);
      });
      try {
        return decodeEnvironmentTemplate(text, { supportedExtensions: runnableExtensions });
      } catch (error) {
        if (!(error instanceof OpenJdError)) throw error;
        throw badTemplate(packl, file, error.message);
      }
    }),
  );
}

const badTemplate = (packl: string, file: string, why: string) =>
  piplError('invalid', 'PIPL_ENV_TEMPLATE', {
    what: `The environment template ${file} of ${packl} cannot be used.`,
    why,
    hint: `Mend pipl.environment of ${packl}, or the file, and publish it again.`,
  });
