/** What operators do beside people who publish: in every fourth schedule, so that most are not held up by them. */
import type { Action } from './actions.ts';
import type { Course } from './course.ts';
import type { Random } from './random.ts';

export const hasOperators = (seed: number): boolean => seed % 4 === 3;

export const operatorActions: readonly Action[] = [
  { name: 'pause', weight: 3, act: pauseSome },
  { name: 'resume', weight: 8, act: resumeOne },
];

/** Some tasks of such a production wait until their inputs have rested. */
export const debounceOf = (seed: number, random: Random): { readonly debounce?: number } =>
  hasOperators(seed) && random.chance(0.2) ? { debounce: 20 } : {};

function pauseSome({ world, random, tasks }: Course): void {
  const what = random.chance(0.9) ? { task: random.pick(tasks)! } : {};
  world.say(() => `ana pauses ${what.task ?? 'everything'}`);
  const now = world.now();
  world.take({ is: 'pause', pause: { ...what, by: 'ana', at: now }, at: now });
}

function resumeOne({ world, random }: Course): void {
  const pause = random.pick(world.state.records.meta.get('reactor')?.paused ?? []);
  if (pause === undefined) return;
  const { task, index } = pause;
  world.say(() => `ana resumes ${task ?? 'everything'}`);
  const what = { ...(task === undefined ? {} : { task }), ...(index === undefined ? {} : { index }) };
  world.take({ is: 'resume', what, by: 'ana', at: world.now() });
}
