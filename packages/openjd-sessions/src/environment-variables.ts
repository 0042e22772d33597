/**
 * Which environment variables an action sees. Pure bookkeeping.
 *
 * Later wins: this process, the session's `osEnvVars`, the call's `osEnvVars`,
 * then every entered environment in order (its `variables`, then what its
 * actions said with `openjd_env`). Leaving an environment takes its changes back.
 */
import { SessionValueError } from './errors.ts';

/** A value to set, or null to remove the variable. */
export type VariableChanges = Readonly<Record<string, string | null>>;
export type Variables = Record<string, string>;

export class EnvironmentStack {
  #base: Variables;
  /** What an action sees, until something changes. */
  #now: Readonly<Variables> | undefined;
  readonly #entered: { readonly identifier: string; readonly changes: Map<string, string | null> }[] = [];

  constructor(base: Variables) {
    this.#base = base;
  }

  /** What everything else comes on top of. */
  set base(base: Variables) {
    this.#base = base;
    this.#now = undefined;
  }

  /** Outermost first. */
  get identifiers(): readonly string[] {
    return this.#entered.map(({ identifier }) => identifier);
  }

  enter(identifier: string): void {
    this.#entered.push({ identifier, changes: new Map() });
  }

  /** Takes back everything the environment changed. */
  leave(identifier: string): void {
    const at = this.#entered.findIndex((entered) => entered.identifier === identifier);
    if (at !== -1) this.#entered.splice(at, 1);
    this.#now = undefined;
  }

  /** Records a change made by an environment. An environment already left changes nothing. */
  change(identifier: string, name: string, value: string | null): void {
    this.#entered.find((entered) => entered.identifier === identifier)?.changes.set(name, value);
    this.#now = undefined;
  }

  /** What the entered environments set, and have not removed, outermost first. */
  setByEnvironments(): ReadonlyMap<string, string> {
    const result: Variables = {};
    for (const { changes } of this.#entered) apply(result, changes);
    return new Map(Object.entries(result));
  }

  /** What an action sees that starts now; without what environments set, if so wished. The same object for the same ones. */
  variables(forThisCall?: VariableChanges, withEnvironments = true): Readonly<Variables> {
    if (forThisCall === undefined && withEnvironments) return (this.#now ??= Object.freeze(this.#made({})));
    return this.#made(forThisCall ?? {}, withEnvironments);
  }

  #made(forThisCall: VariableChanges, withEnvironments = true): Variables {
    const result = { ...this.#base };
    apply(result, Object.entries(forThisCall));
    if (!withEnvironments) return result;
    for (const { changes } of this.#entered) apply(result, changes);
    return result;
  }
}

/** This process's variables with the session's own on top. */
export function baseVariables(own: NodeJS.ProcessEnv, forTheSession: VariableChanges = {}): Variables {
  const result: Variables = {};
  for (const [name, value] of Object.entries(own)) if (value !== undefined) result[name] = value;
  checkVariables(forTheSession);
  apply(result, Object.entries(forTheSession));
  return result;
}

/** @throws SessionValueError for a name or a value that no operating system can hold */
export function checkVariables(changes: VariableChanges): void {
  for (const [name, value] of Object.entries(changes)) {
    if (name !== '' && !/[=\0]/.test(name) && !value?.includes('\0')) continue;
    throw new SessionValueError(`The environment variable ${JSON.stringify(name)} cannot be set`, {
      why: 'A name must not be empty or contain "=", and neither name nor value may contain a NUL.',
      hint: 'Encode such a value, for instance in base64, or pass it in a file.',
    });
  }
}

function apply(result: Variables, changes: Iterable<readonly [string, string | null]>): void {
  for (const [name, value] of changes) {
    if (value === null) delete result[name];
    else result[name] = value;
  }
}
