/** The order in which the steps of a job may run. */
import { TemplateInvalid } from './errors.ts';
import type { Job, Step } from './types.ts';

interface Depending {
  readonly name: string;
  readonly dependencies?: readonly { readonly dependsOn: string }[];
}

/** Steps so that each follows what it depends on, else in the order given; fewer than given if there is a cycle. */
export function inDependencyOrder<S extends Depending>(steps: readonly S[]): S[] {
  const waiting = new Map(steps.map((step) => [step.name, new Set(namesBefore(step))]));
  const after = dependents(steps);
  const order: S[] = [];
  const byName = new Map(steps.map((step) => [step.name, step]));
  const place = (first: S): void => {
    const ready = [first];
    for (let step = ready.pop(); step; step = ready.pop()) {
      if (!waiting.delete(step.name)) continue;
      order.push(step);
      for (const name of (after.get(step.name) ?? []).toReversed()) {
        const left = waiting.get(name);
        left?.delete(step.name);
        // A later step takes its turn below; only one already passed over goes now.
        if (left?.size === 0 && passed.has(name)) ready.push(byName.get(name)!);
      }
    }
  };
  const passed = new Set<string>();
  for (const step of steps) {
    if (waiting.get(step.name)?.size === 0) place(step);
    else passed.add(step.name);
  }
  return order;
}

const namesBefore = ({ dependencies = [] }: Depending) => dependencies.map(({ dependsOn }) => dependsOn);

function dependents(steps: readonly Depending[]): Map<string, string[]> {
  const after = new Map<string, string[]>(steps.map(({ name }) => [name, []]));
  for (const step of steps) for (const before of namesBefore(step)) after.get(before)?.push(step.name);
  return after;
}

export class StepDependencyGraph {
  readonly #steps: ReadonlyMap<string, Step>;
  readonly #after: ReadonlyMap<string, readonly string[]>;
  readonly #order: readonly Step[];

  /** @throws TemplateInvalid if steps depend on each other in a circle. `createJob` makes no such job. */
  constructor({ steps }: Pick<Job, 'steps'>) {
    this.#steps = new Map(steps.map((step) => [step.name, step]));
    this.#after = dependents(steps);
    this.#order = inDependencyOrder(steps);
    if (this.#order.length < steps.length) {
      throw new TemplateInvalid('Job', [{ path: [], message: 'step dependencies contain a cycle.' }]);
    }
  }

  /** Every step after those it depends on; otherwise in the order of the template. */
  topologicalOrder(): Step[] {
    return [...this.#order];
  }

  /** Undefined if the job has no such step. */
  step(name: string): Step | undefined {
    return this.#steps.get(name);
  }

  /** What must be done before this step, directly. */
  dependenciesOf(name: string): Step[] {
    const step = this.#steps.get(name);
    return step ? namesBefore(step).map((before) => this.#steps.get(before)!) : [];
  }

  /** What waits for this step, directly. */
  dependentsOf(name: string): Step[] {
    return (this.#after.get(name) ?? []).map((after) => this.#steps.get(after)!);
  }
}
