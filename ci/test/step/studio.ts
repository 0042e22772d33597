/** A small production for the tests: everything that follows by itself has followed when a line is over. */
import { PiplError } from '@pipl/packl';
import type { IndexName } from '@pipl/packl';
import { codeManifest, productManifest, taskManifest, World } from '../../src/step/explorer/world.ts';
import type { TaskShape, WorldOptions } from '../../src/step/explorer/world.ts';
import type { RunRecord, TaskRecord } from '../../src/step/types.ts';

export type Studio = ReturnType<typeof studio>;

export function studio(options: WorldOptions = {}) {
  const world = new World(options);
  const settled = (work: () => void): void => {
    work();
    world.rest();
  };
  world.release([codeManifest('types', '1.0.0')]);
  world.rest();
  const runs = (): RunRecord[] => [...world.state.records.runs.values()];
  const running = (task: string): RunRecord => {
    const found = runs().find(
      (run) => run.task === task && (run.state === 'waiting' || run.state === 'running'),
    );
    if (found === undefined) throw new Error(`${task} does not run`);
    return found;
  };
  const task = (name: string, index: IndexName = world.handlers[0]!): TaskRecord =>
    world.state.records.tasks.get(`${index} ${name}`)!;
  const told = ({ task: name, lock }: RunRecord): string => {
    const inputs = Object.entries(lock.direct).filter(([input]) => input !== 'types');
    return [name, ...inputs.map(([input, version]) => `${input}@${version}`)].join(' ');
  };
  let reported = 0;
  return {
    world,
    runs,
    running,
    task,
    status: (name: string) => task(name).status,
    product: (name: string, version: string, content = version) =>
      settled(() => world.release([productManifest(name, version, content)])),
    define: (name: string, shape: TaskShape) => settled(() => world.release([taskManifest(name, shape)])),
    withdraw: (name: string, version: string) => settled(() => world.withdraw(name, version)),
    deprecate: (name: string, version: string) => settled(() => world.deprecate(name, version)),
    undeprecate: (name: string, version: string) => settled(() => world.undeprecate(name, version)),
    tag: (name: string, tag: string, version: string) => settled(() => world.tag(name, tag, version)),
    untag: (name: string, tag: string) => settled(() => world.untag(name, tag)),
    /** the run of the task that is under way makes this */
    makes: (name: string, content: string) =>
      settled(() => {
        const { attempt, products } = running(name);
        world.publishRun(attempt, Object.fromEntries(products.map((one) => [one.name, content])));
      }),
    fails: (name: string, reason = 'exit 1') =>
      settled(() => {
        const { attempt } = running(name);
        world.engine.get(attempt)!.state = { is: 'failed', reason };
        world.tell(attempt);
      }),
    isLost: (name: string) =>
      settled(() => {
        const { attempt } = running(name);
        world.engine.get(attempt)!.state = { is: 'lost', reason: 'the runner died' };
        world.tell(attempt);
      }),
    retry: (name: string) => settled(() => world.take({ is: 'retry', task: name, at: world.now() })),
    later: (seconds: number) =>
      settled(() => {
        world.seconds += seconds;
        world.take({ is: 'tick', at: world.now() });
      }),
    /** runs that started since the last look, with what they read */
    started: (): string[] => {
      const fresh = runs().slice(reported).map(told);
      reported = runs().length;
      return fresh;
    },
    versions: (name: string): string[] =>
      [...world.rows.values()].filter((row) => row.name === name).map(({ version }) => version),
    waves: () => [...world.state.records.waves.values()],
  };
}

/** src → left → l, src → right → r, l and r → tip → movie; settled, all at 1.0.0. */
export function diamond(shape: { readonly tip?: Readonly<Record<string, string>> } = {}): Studio {
  const it = studio();
  it.product('src', '1.0.0');
  it.define('left', { reads: { src: '^1.0.0' }, makes: ['l'] });
  it.define('right', { reads: { src: '^1.0.0' }, makes: ['r'] });
  it.define('tip', { reads: shape.tip ?? { l: '^1.0.0', r: '^1.0.0' }, makes: ['movie'] });
  for (const name of ['left', 'right', 'tip']) it.makes(name, `${name} 1`);
  it.started();
  return it;
}

/** What somebody who was refused is told. */
export function refusal(work: () => void): PiplError {
  try {
    work();
  } catch (error) {
    if (error instanceof PiplError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
