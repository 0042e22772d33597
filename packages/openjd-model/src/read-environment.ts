/** Reads environments: what is set up before tasks and taken down after them. */
import { letBindings } from './let-bindings.ts';
import { action, embeddedFiles } from './read-action.ts';
import { checked, describe, isMap, list, object, optional, required } from './reader.ts';
import type { Place, Reader } from './reader.ts';
import type { EnvironmentActionsTemplate, NamedEnvironmentTemplate } from './template-types.ts';
import { description, formatText, stepOrEnvironmentName, textFault } from './text-readers.ts';
import { wrapHooks } from './wrap-actions.ts';

const actions: Reader<EnvironmentActionsTemplate> = checked(
  object('EnvironmentActions', {
    onEnter: optional(action),
    onWrapEnvEnter: optional(action, 'WRAP_ACTIONS'),
    onWrapTaskRun: optional(action, 'WRAP_ACTIONS'),
    onWrapEnvExit: optional(action, 'WRAP_ACTIONS'),
    onExit: optional(action),
  }),
  (read, place) => {
    const hooks = wrapHooks.filter((hook) => read[hook] !== undefined);
    if (hooks.length > 0 && hooks.length < wrapHooks.length) {
      place.say(
        'an environment that defines any of onWrapEnvEnter, onWrapTaskRun, or onWrapEnvExit must define all three (RFC 0008).',
      );
    }
    if (!read.onEnter && !read.onExit && hooks.length === 0) {
      place.say('must define at least one of onEnter or onExit.');
    }
  },
);

const script = object('EnvironmentScript', {
  let: optional(letBindings, 'EXPR'),
  actions: required(actions),
  embeddedFiles: optional(embeddedFiles),
});

const variableValue = formatText({ mayBeEmpty: true, most: ({ limits }) => limits.variableValue });

function checkVariableName(name: string, place: Place): void {
  const fault = textFault(name, { most: ({ limits }) => limits.variableName }, place.rules);
  if (fault !== undefined) place.say(fault);
  else if (/^\d/.test(name)) place.say(`variable name '${name}' cannot start with a digit.`);
  else {
    const wrong = /[^A-Za-z0-9_]/u.exec(name)?.[0];
    if (wrong !== undefined) place.say(`variable name '${name}' contains invalid character '${wrong}'.`);
  }
}

const variables: Reader<Readonly<Record<string, string>>> = (value, place) => {
  if (!isMap(value)) return place.say(`invalid type: ${describe(value)}, expected a map`);
  const entries = Object.entries(value);
  if (entries.length === 0) return place.say('if provided, must not be empty.');
  const read = entries.map(([name, text]): [string, string] => {
    checkVariableName(name, place.at(name));
    return [name, variableValue(text, place.at(name)) ?? ''];
  });
  return Object.fromEntries(read);
};

export const environment: Reader<NamedEnvironmentTemplate> = checked(
  object('Environment', {
    name: required(stepOrEnvironmentName),
    description: optional(description),
    script: optional(script),
    variables: optional(variables),
  }),
  (read, place) => {
    if (!read.script && !read.variables) place.say("must have at least one of 'script' or 'variables'.");
  },
);

/** Environments with different names, none of them among `taken`. */
export function checkEnvironmentNames(
  environments: readonly NamedEnvironmentTemplate[],
  place: Place,
  taken: Iterable<string> = [],
): void {
  const seen = new Set(taken);
  for (const [index, { name }] of environments.entries()) {
    if (seen.has(name)) place.at(index).say(`duplicate environment name: '${name}'`);
    seen.add(name);
  }
}

export const environments = list(environment, { empty: 'must not be empty.' });
