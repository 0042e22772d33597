/**
 * WRAP_ACTIONS: an environment that runs its own action in the place of those inside it.
 *
 * Here is what can be said of a template: which names its hooks know, and that a session has one such
 * environment at most. What a hook does is the business of a session.
 */
import { listOf, types, unionOf } from './expr/types.ts';
import type { Type } from './expr/types.ts';
import { unresolved } from './expr/values.ts';
import type { Place } from './reader.ts';
import type { Entry } from './scope.ts';
import type { EnvironmentActions } from './types.ts';

/** In the order in which they come to run. */
export const wrapHooks = ['onWrapEnvEnter', 'onWrapTaskRun', 'onWrapEnvExit'] as const;
export type WrapHook = (typeof wrapHooks)[number];

/** Of a template or of a job. */
interface Wrapping {
  readonly script?: { readonly actions: { readonly [K in WrapHook]?: EnvironmentActions[K] } };
}

/** True if the environment wraps the actions inside it. */
export const isWrapping = ({ script }: Wrapping): boolean =>
  script !== undefined && wrapHooks.some((hook) => script.actions[hook] !== undefined);

const optionalOf = (type: Type): Type => unionOf([type, types.null]);
const entry = (name: string, type: Type): Entry => [name, unresolved(type)];

const ofTheAction: readonly Entry[] = [
  entry('WrappedAction.Command', types.string),
  entry('WrappedAction.Args', listOf(types.string)),
  entry('WrappedAction.Environment', listOf(types.string)),
  entry('WrappedAction.Timeout', optionalOf(types.int)),
  entry('WrappedAction.Cancelation.Mode', optionalOf(types.string)),
  entry('WrappedAction.Cancelation.NotifyPeriodInSeconds', optionalOf(types.int)),
];

const namesIn: Readonly<Record<WrapHook, readonly Entry[]>> = {
  onWrapEnvEnter: [...ofTheAction, entry('WrappedEnv.Name', types.string)],
  onWrapTaskRun: [...ofTheAction, entry('WrappedStep.Name', types.string)],
  onWrapEnvExit: [...ofTheAction, entry('WrappedEnv.Name', types.string)],
};

/** What a hook knows of the action in whose place it runs; undefined for other actions. */
export function wrappedNames(action: string): readonly Entry[] | undefined {
  const hook = wrapHooks.find((one) => one === action);
  return hook && namesIn[hook];
}

/** True if a text has to wait for the wrapped action. */
export const waitsForWrapped = (text: unknown): boolean =>
  typeof text === 'string' && /\bWrapped(?:Action|Env|Step)\b/.test(text);

interface Stacks {
  readonly jobEnvironments?: readonly Wrapping[];
  readonly steps: readonly { readonly stepEnvironments?: readonly Wrapping[] }[];
}

/** Every session of the job has the environments of the job and of one step. */
export function checkWrapLayers({ jobEnvironments = [], steps }: Stacks, place: Place): void {
  const outer = jobEnvironments.filter(isWrapping).length;
  if (outer > 1) place.at('jobEnvironments').say(tooMany);
  for (const [index, { stepEnvironments = [] }] of steps.entries()) {
    const inner = stepEnvironments.filter(isWrapping).length;
    if (inner > 0 && outer + inner > 1) place.at('steps', index, 'stepEnvironments').say(tooMany);
  }
}

const tooMany =
  'a session may have at most one environment that defines onWrapEnvEnter, onWrapTaskRun and onWrapEnvExit (RFC 0008).';
