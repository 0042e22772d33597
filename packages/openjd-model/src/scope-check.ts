/**
 * Checks that every name between braces exists where it is used.
 *
 * Three scopes, each inside the one before: the template (job parameters as text), a session (paths are
 * mapped, a working directory exists), and a task or an environment (its parameters and files).
 */
import { FormatStringInvalid } from './errors.ts';
import { evaluateParsed } from './expr/evaluate.ts';
import { ExpressionInvalid } from './expr/expression-invalid.ts';
import { inFormat, parseFormatString, unknownName } from './format-string.ts';
import type { ExpressionSegment } from './format-string.ts';
import { unknownOf } from './parameter-values.ts';
import { Scope, letEntries } from './scope.ts';
import type { Entry } from './scope.ts';
import type { Place } from './reader.ts';
import type {
  ActionTemplate,
  EmbeddedFileTemplate,
  EnvironmentTemplate,
  HostRequirementsTemplate,
  JobParameter,
  JobTemplate,
  NamedEnvironmentTemplate,
  StepParameterSpaceTemplate,
  StepTemplate,
} from './template-types.ts';
import { interpreters } from './template-types.ts';
import { isFormat } from './text-readers.ts';
import { wrappedNames } from './wrap-actions.ts';

interface Scopes {
  readonly template: Scope;
  readonly session: Scope;
}

const sessionNames: readonly Entry[] = [
  ['Session.WorkingDirectory', unknownOf('PATH', true)],
  ['Session.HasPathMappingRules', unknownOf('BOOL', true)],
  ['Session.PathMappingRulesFile', unknownOf('PATH', true)],
];

/** EXPR: the name of the job, or of the step, once it is settled. */
const nameEntry = (of: 'Job' | 'Step', { rules }: Place): readonly Entry[] =>
  rules.allows('EXPR') ? [[`${of}.Name`, unknownOf('STRING', true)]] : [];

const hasPaths = ({ type }: JobParameter): boolean => type === 'PATH' || type === 'LIST[PATH]';

/** A PATH has no value before it is mapped to a machine; only its text is known in the template. */
function scopesOf(parameters: readonly JobParameter[]): Scopes {
  const raw = parameters.map(({ name, type }): Entry => [`RawParam.${name}`, unknownOf(type, false)]);
  const mapped = (all: readonly JobParameter[]) =>
    all.map(({ name, type }): Entry => [`Param.${name}`, unknownOf(type, true)]);
  const template = new Scope([...raw, ...mapped(parameters.filter((one) => !hasPaths(one)))]);
  const paths = mapped(parameters.filter(hasPaths));
  return { template, session: template.within([...paths, ...sessionNames], { isHost: true }) };
}

const withEntries = ({ template, session }: Scopes, entries: readonly Entry[]): Scopes => ({
  template: template.within(entries),
  session: session.within(entries),
});

/** Suggestions cost a comparison with every name; past this many they are not worth it. */
const mostSuggestions = 5000;

export function checkNames(text: string | undefined, scope: Scope, place: Place): void {
  if (text === undefined || !isFormat(text)) return;
  for (const segment of parseFormatString(text, { expressions: place.rules.allows('EXPR') }).segments) {
    if (segment.kind === 'expression') checkExpression(segment, scope, place);
    if (segment.kind !== 'name' || scope.has(segment.name)) continue;
    const fault = unknownName(text, segment, scope.keys().take(mostSuggestions));
    if (fault instanceof FormatStringInvalid) place.say(fault.message);
  }
}

function checkExpression(segment: ExpressionSegment, scope: Scope, place: Place): void {
  const { source, expression } = segment;
  try {
    inFormat(segment, () => evaluateParsed(source, expression, { symbols: scope, library: scope.library }));
  } catch (error) {
    if (!(error instanceof ExpressionInvalid)) throw error;
    place.say(error.message);
  }
}

function checkList(texts: readonly string[] | undefined, scope: Scope, place: Place): void {
  for (const [index, text] of (texts ?? []).entries()) {
    if (isFormat(text)) checkNames(text, scope, place.at(index));
  }
}

/** Everything but `command` of an action, which a simple action lacks. */
type Run = Pick<ActionTemplate, 'args' | 'timeout' | 'cancelation'>;

function checkRun(
  { args, timeout, cancelation }: Run,
  scopes: Scopes & { inner: Scope },
  place: Place,
): void {
  checkList(args, scopes.inner, place.at('args'));
  // How long an action may take is settled when the job is made, so it sees the template alone.
  if (typeof timeout === 'string') checkNames(timeout, scopes.template, place.at('timeout'));
  if (!cancelation) return;
  const { mode, notifyPeriodInSeconds: period } = cancelation;
  checkNames(mode, scopes.template, place.at('cancelation', 'mode'));
  const at = place.at('cancelation', 'notifyPeriodInSeconds');
  if (typeof period === 'string') checkNames(period, scopes.template, at);
}

/** Where the fields of an action are filled in: `inner` on a host, `template` when the job is made. */
type ScopesOf = (hook: string) => Scopes & { inner: Scope };

interface Script {
  readonly let?: readonly string[];
  readonly actions: Readonly<Record<string, ActionTemplate | undefined>>;
  readonly embeddedFiles?: readonly EmbeddedFileTemplate[];
}

function checkScript(script: Script, outer: Scopes & { inner: Scope }, place: Place): void {
  const scopes = {
    ...outer,
    inner: outer.inner.within(letEntries(script.let, outer.inner, place.at('let'))),
  };
  const scopesOfHook: ScopesOf = (hook) => {
    const wrapped = wrappedNames(hook);
    if (!wrapped) return scopes;
    return { ...withEntries(scopes, wrapped), inner: scopes.inner.within(wrapped) };
  };
  for (const [hook, action] of Object.entries(script.actions)) {
    if (!action) continue;
    const known = scopesOfHook(hook);
    checkNames(action.command, known.inner, place.at('actions', hook, 'command'));
    checkRun(action, known, place.at('actions', hook));
  }
  for (const [index, { data }] of (script.embeddedFiles ?? []).entries()) {
    checkNames(data, scopes.inner, place.at('embeddedFiles', index, 'data'));
  }
}

const filesAs = (prefix: string, files: readonly EmbeddedFileTemplate[] = []) =>
  files.map(({ name }): Entry => [`${prefix}.File.${name}`, unknownOf('PATH', true)]);

function checkEnvironment(environment: NamedEnvironmentTemplate, scopes: Scopes, place: Place): void {
  const { script, variables = {} } = environment;
  for (const [name, value] of Object.entries(variables)) {
    checkNames(value, scopes.session, place.at('variables', name));
  }
  if (!script) return;
  const inner = scopes.session.within(filesAs('Env', script.embeddedFiles));
  checkScript({ ...script, actions: { ...script.actions } }, { ...scopes, inner }, place.at('script'));
}

function checkRequirements(
  { amounts, attributes }: HostRequirementsTemplate,
  scope: Scope,
  place: Place,
): void {
  for (const [index, { min, max }] of (amounts ?? []).entries()) {
    checkNames(min, scope, place.at('amounts', index, 'min'));
    checkNames(max, scope, place.at('amounts', index, 'max'));
  }
  for (const [index, { anyOf, allOf }] of (attributes ?? []).entries()) {
    checkList(anyOf, scope, place.at('attributes', index, 'anyOf'));
    checkList(allOf, scope, place.at('attributes', index, 'allOf'));
  }
}

function checkSpace(space: StepParameterSpaceTemplate, scope: Scope, place: Place): void {
  for (const [index, parameter] of space.taskParameterDefinitions.entries()) {
    const at = place.at('taskParameterDefinitions', index);
    if (typeof parameter.range === 'string') checkNames(parameter.range, scope, at.at('range'));
    else checkList(parameter.range, scope, at.at('range'));
    if (parameter.type !== 'CHUNK[INT]') continue;
    checkNames(parameter.chunks.defaultTaskCount, scope, at.at('chunks', 'defaultTaskCount'));
    checkNames(parameter.chunks.targetRuntimeSeconds, scope, at.at('chunks', 'targetRuntimeSeconds'));
  }
}

function checkStep(step: StepTemplate, job: Scopes, place: Place): void {
  const named = withEntries(job, nameEntry('Step', place));
  const scopes = withEntries(named, letEntries(step.let, named.template, place.at('let')));
  for (const [index, environment] of (step.stepEnvironments ?? []).entries()) {
    checkEnvironment(environment, scopes, place.at('stepEnvironments', index));
  }
  if (step.hostRequirements) {
    checkRequirements(step.hostRequirements, scopes.template, place.at('hostRequirements'));
  }
  if (step.parameterSpace) checkSpace(step.parameterSpace, scopes.template, place.at('parameterSpace'));
  const parameters = step.parameterSpace?.taskParameterDefinitions ?? [];
  const task = parameters.flatMap(({ name, type }): Entry[] => [
    [`Task.Param.${name}`, unknownOf(type, true)],
    [`Task.RawParam.${name}`, unknownOf(type, false)],
  ]);
  const inner = scopes.session.within([...task, ...filesAs('Task', step.script?.embeddedFiles)]);
  if (step.script) {
    checkScript(
      { ...step.script, actions: { ...step.script.actions } },
      { ...scopes, inner },
      place.at('script'),
    );
  }
  for (const interpreter of interpreters) {
    const simple = step[interpreter];
    if (!simple) continue;
    const at = place.at(interpreter);
    const own = inner.within(letEntries(simple.let, inner, at.at('let')));
    checkNames(simple.script, own, at.at('script'));
    checkRun(simple, { ...scopes, inner: own }, at);
  }
}

export function checkJobScopes(template: JobTemplate, place: Place): void {
  const unnamed = scopesOf(template.parameterDefinitions ?? []);
  checkNames(template.name, unnamed.template, place.at('name'));
  const scopes = withEntries(unnamed, nameEntry('Job', place));
  for (const [index, environment] of (template.jobEnvironments ?? []).entries()) {
    checkEnvironment(environment, scopes, place.at('jobEnvironments', index));
  }
  for (const [index, step] of template.steps.entries()) checkStep(step, scopes, place.at('steps', index));
}

export function checkEnvironmentScopes(template: EnvironmentTemplate, place: Place): void {
  const scopes = withEntries(scopesOf(template.parameterDefinitions ?? []), nameEntry('Job', place));
  checkEnvironment(template.environment, scopes, place.at('environment'));
}
