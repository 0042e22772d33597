/**
 * One environment out of the envsets of a graph: the same in a shell, a local run and on every engine.
 *
 * Pure. Envsets speak in dependency order, a later one over an earlier one. A variable begins empty: what the person
 * or the machine has under that name does not leak in, or a shell and a run would differ. Only the variables given
 * as `inherited` (PATH) begin with what is there. Folders are written `{self}` and `{@scope/name}`; next to the values
 * stands the portable form, with packls in place of folders, which is what a run records.
 */
import semver from 'semver';
import { piplError } from '../errors.ts';
import type { EnvVariable } from '../manifest.ts';
import { parseSpec } from '../names.ts';
import { type GraphPackl, type PacklGraph, specOf } from './graph.ts';

/** One thing that one envset did to one variable. */
export interface EnvironmentStep {
  /** name@version */
  readonly packl: string;
  readonly does: 'set' | 'prepend' | 'append' | 'unset';
  /** as written */
  readonly written: string;
  readonly value: string;
  /** the packl whose presence it waits for */
  readonly when?: string;
}

export interface ComposedEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  /** those that nobody may see */
  readonly unset: readonly string[];
  /** the variables with `{name@version}` for a folder and `{inherited}` for what was there */
  readonly portable: Readonly<Record<string, string>>;
  /** variable → what was done to it, first to last */
  readonly steps: Readonly<Record<string, readonly EnvironmentStep[]>>;
  /** the Open Job Description environments, in the order to enter them */
  readonly templates: readonly { readonly packl: string; readonly dir: string; readonly file: string }[];
}

export interface Composing {
  /** name → what is there and stays at its place */
  readonly inherited?: Readonly<Record<string, string>>;
  /** between the parts of a variable, where it does not say: `:`, on Windows `;` */
  readonly delimiter: string;
}

interface Value {
  readonly real: string;
  readonly portable: string;
}

const inheritedMark = '{inherited}';

/** @throws PIPL_ENV_REFERENCE naming the envset whose text names a packl that is not there */
export function composeEnvironment(
  graph: PacklGraph,
  { inherited = {}, delimiter }: Composing,
): ComposedEnvironment {
  const values = new Map<string, Value | undefined>(
    Object.entries(inherited).map(([name, real]) => [name, { real, portable: inheritedMark }]),
  );
  const steps = new Map<string, EnvironmentStep[]>();
  const folders = new Map(graph.packls.map((packl) => [packl.name, packl]));
  for (const packl of graph.packls) {
    for (const { name, variable, when } of variablesOf(packl, graph)) {
      const text = (written: string) => filled(written, { packl, folders, variable: name });
      values.set(
        name,
        changed(values.get(name), variable, { text, between: variable.separator ?? delimiter }),
      );
      const done = stepsOf(packl, variable, text).map((step) =>
        when === undefined ? step : { ...step, when },
      );
      steps.set(name, [...(steps.get(name) ?? []), ...done]);
    }
  }
  return {
    variables: pick(values, steps, ({ real }) => real),
    portable: pick(values, steps, ({ portable }) => portable),
    unset: [...steps.keys()].filter((name) => values.get(name) === undefined),
    steps: Object.fromEntries(steps),
    templates: graph.packls.flatMap((packl) =>
      packl.field.kind === 'envset' && packl.field.environment !== undefined
        ? [{ packl: specOf(packl), dir: packl.dir, file: packl.field.environment }]
        : [],
    ),
  };
}

/** Only what an envset spoke of: the rest of `inherited` is the caller's. */
const pick = (
  values: ReadonlyMap<string, Value | undefined>,
  steps: ReadonlyMap<string, unknown>,
  form: (value: Value) => string,
): Record<string, string> =>
  Object.fromEntries(
    [...steps.keys()].flatMap((name) => {
      const value = values.get(name);
      return value === undefined ? [] : [[name, form(value)]];
    }),
  );

interface Spoken {
  readonly name: string;
  readonly variable: EnvVariable;
  readonly when?: string;
}

function variablesOf({ field }: GraphPackl, { names }: PacklGraph): Spoken[] {
  if (field.kind !== 'envset') return [];
  const always = Object.entries(field.variables).map(([name, variable]) => ({ name, variable }));
  const sometimes = Object.entries(field.when ?? {}).flatMap(([when, variables]) => {
    const { name: other, range } = parseSpec(when);
    const there = (names.get(other) ?? []).some(
      (version) => range === undefined || semver.satisfies(version, range, { includePrerelease: true }),
    );
    return there ? Object.entries(variables).map(([name, variable]) => ({ name, variable, when })) : [];
  });
  return [...always, ...sometimes];
}

interface Words {
  readonly text: (written: string) => Value;
  readonly between: string;
}

/** The order inside one variable: set, prepend, append. Undefined is unset. */
function changed(
  before: Value | undefined,
  variable: EnvVariable,
  { text, between }: Words,
): Value | undefined {
  if (variable.unset === true) return undefined;
  let value = variable.set === undefined ? before : text(variable.set);
  if (variable.prepend !== undefined) value = joined(text(variable.prepend), value, between);
  if (variable.append !== undefined) value = joined(value, text(variable.append), between);
  return value;
}

function joined(one: Value | undefined, other: Value | undefined, between: string): Value {
  const parts = [one, other].filter((part): part is Value => part !== undefined && part.portable !== '');
  return {
    real: parts
      .map(({ real }) => real)
      .filter((real) => real !== '')
      .join(between),
    portable: parts.map(({ portable }) => portable).join(between),
  };
}

const ops = ['set', 'prepend', 'append'] as const;

function stepsOf(packl: GraphPackl, variable: EnvVariable, text: Words['text']): EnvironmentStep[] {
  const by = specOf(packl);
  if (variable.unset === true) return [{ packl: by, does: 'unset', written: '', value: '' }];
  return ops.flatMap((does) => {
    const written = variable[does];
    return written === undefined ? [] : [{ packl: by, does, written, value: text(written).real }];
  });
}

interface Around {
  readonly packl: GraphPackl;
  readonly folders: ReadonlyMap<string, GraphPackl>;
  readonly variable: string;
}

/** `{self}` and `{@scope/name}`; `{{` and `}}` are the braces themselves. */
function filled(written: string, around: Around): Value {
  const parts = written.split(/(\{\{|\}\}|\{[^{}]*\})/);
  const values = parts.map((part): Value => {
    if (part === '{{' || part === '}}') return { real: part[0]!, portable: part[0]! };
    const name = /^\{(.*)\}$/.exec(part)?.[1];
    return name === undefined ? { real: part, portable: part } : folderOf(name, { ...around, written });
  });
  return {
    real: values.map(({ real }) => real).join(''),
    portable: values.map(({ portable }) => portable).join(''),
  };
}

/** Its own dependency of that name before that of another. */
function folderOf(name: string, { packl, folders, variable, written }: Around & { written: string }): Value {
  if (name === 'self') return { real: packl.dir, portable: `{${specOf(packl)}}` };
  const other = folders.get(name);
  const beside = packl.beside[name];
  if (other !== undefined && (beside === undefined || beside === other.dir))
    return { real: other.dir, portable: `{${specOf(other)}}` };
  if (beside !== undefined) return { real: beside, portable: `{${name}}` };
  throw piplError('invalid', 'PIPL_ENV_REFERENCE', {
    what: `The envset ${specOf(packl)} names {${name}} in ${variable}, and it is not there.`,
    why: `"${written}" stands in its package.json, and no packl that is installed here is called ${name}.`,
    hint: `Add ${name} to the dependencies of ${packl.name} (pipl packl add ${name}) and publish it, or mend the text; braces themselves are {{ and }}.`,
  });
}
