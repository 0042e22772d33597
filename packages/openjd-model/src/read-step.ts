/** Reads steps, and checks what steps say of each other. */
import { inDependencyOrder } from './dependency-graph.ts';
import { letBindings } from './let-bindings.ts';
import { action, actionFields, embeddedFiles } from './read-action.ts';
import { checkEnvironmentNames, environments } from './read-environment.ts';
import { hostRequirements } from './read-host-requirements.ts';
import { parameterSpace } from './read-parameter-space.ts';
import { checked, list, object, optional, required } from './reader.ts';
import type { Place, Reader } from './reader.ts';
import { interpreters } from './template-types.ts';
import type { NamedEnvironmentTemplate, SimpleActionTemplate, StepTemplate } from './template-types.ts';
import { anyText, description, formatText, stepOrEnvironmentName } from './text-readers.ts';

const script = object('StepScript', {
  let: optional(letBindings, 'EXPR'),
  actions: required(object('StepActions', { onRun: required(action) })),
  embeddedFiles: optional(embeddedFiles),
});

const simpleAction: Reader<SimpleActionTemplate> = object('SimpleAction', {
  let: optional(letBindings, 'EXPR'),
  script: required(formatText()),
  ...actionFields,
});

const simple = () => optional(simpleAction, 'FEATURE_BUNDLE_1');

const dependency = object('StepDependency', { dependsOn: required(anyText) });

const readStep: Reader<StepTemplate> = object('StepTemplate', {
  name: required(stepOrEnvironmentName),
  description: optional(description),
  let: optional(letBindings, 'EXPR'),
  dependencies: optional(list(dependency, { empty: 'must not be empty.' })),
  stepEnvironments: optional(environments),
  hostRequirements: optional(hostRequirements),
  parameterSpace: optional(parameterSpace),
  script: optional(script),
  bash: simple(),
  python: simple(),
  cmd: simple(),
  powershell: simple(),
  node: simple(),
});

export const step: Reader<StepTemplate> = checked(readStep, (read, place) => {
  const ways = (['script', ...interpreters] as const).filter((way) => read[way] !== undefined);
  if (ways.length === 0) place.say("must have 'script' or a simple action field.");
  if (ways.length > 1) place.say(`must have only one of ${ways.map((way) => `'${way}'`).join(', ')}.`);
});

/** Names, dependencies and environments across steps. Everything in `steps` is well formed by itself. */
export function checkSteps(
  steps: readonly StepTemplate[],
  jobEnvironments: readonly NamedEnvironmentTemplate[],
  place: Place,
): void {
  const names = new Set<string>();
  const taken = jobEnvironments.map(({ name }) => name);
  for (const [index, { name, stepEnvironments = [] }] of steps.entries()) {
    if (names.has(name)) place.at(index, 'name').say(`duplicate step name: '${name}'`);
    names.add(name);
    checkEnvironmentNames(stepEnvironments, place.at(index, 'stepEnvironments'), taken);
  }
  for (const [index, one] of steps.entries()) checkDependencies(one, names, place.at(index, 'dependencies'));
  const known = (one: StepTemplate) =>
    (one.dependencies ?? []).filter(({ dependsOn }) => names.has(dependsOn));
  const graph = steps.map((one) => ({ name: one.name, dependencies: known(one) }));
  if (names.size === steps.length && inDependencyOrder(graph).length < steps.length) {
    place.up(1).say('step dependencies contain a cycle.');
  }
}

function checkDependencies(
  { name, dependencies = [] }: StepTemplate,
  names: ReadonlySet<string>,
  place: Place,
): void {
  const seen = new Set<string>();
  for (const [index, { dependsOn }] of dependencies.entries()) {
    const at = place.at(index);
    if (dependsOn === name) at.say('cannot depend on itself.');
    else if (!names.has(dependsOn)) at.say(`depends on unknown step '${dependsOn}'.`);
    if (seen.has(dependsOn)) at.say(`duplicate dependency '${dependsOn}'.`);
    seen.add(dependsOn);
  }
}
