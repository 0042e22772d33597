/**
 * What happens where a stage inherits the project: somebody tries something there, lets follow what follows, and
 * promotes it; and what may come between, so that what the stage made cannot be shown in the project as it is.
 */
import semver from 'semver';
import type { Row } from '@pipl/packl';
import type { Course } from './course.ts';
import { versionKey } from '../types.ts';
import { publishChecked } from './runners.ts';
import { productManifest, project, stage } from './world.ts';

/** Nearly always everything follows that follows from what was tried. */
const mostFollowing = 15;

export function promote(course: Course): void {
  const { world, random } = course;
  if (random.chance(0.8)) tryOne(course);
  if (random.chance(0.9)) letFollow(course);
  const tried = triedSources(course);
  if (random.chance(0.1)) {
    const { name, version } = random.pick(tried) ?? {};
    if (name === undefined || version === undefined) return;
    world.say(() => `ana withdraws ${name}@${version} in ${stage}`);
    return world.withdraw(name, version, stage);
  }
  if (random.chance(0.5)) spoil(course, tried);
  for (const { name, version } of tried) {
    world.say(() => `ana promotes ${name}@${version}`);
    world.promote(name, version, { from: stage, into: project });
  }
  if (random.chance(0.3)) takeAway(course);
}

/** What most of those that read it would take. */
function tryOne({ world, random, sources }: Course): void {
  const name = random.pick(sources)!;
  const versions = [...world.rows.values()].filter((row) => row.name === name).map((row) => row.version);
  const step = random.chance(0.7) ? 'patch' : 'minor';
  const version = semver.inc(semver.rsort(versions)[0]!, step)!;
  world.say(() => `ana publishes ${name}@${version} to ${stage}`);
  world.release([productManifest(name, version, 'y'.repeat(1 + random.below(6)))], { index: stage });
}

/** Sources of the stage that the project does not have. */
const triedSources = ({ world, sources }: Course): readonly Row[] =>
  [...world.rows.values()].filter(
    ({ index, name, version, withdrawn }) =>
      index === stage &&
      sources.includes(name) &&
      withdrawn !== true &&
      !world.rows.has(versionKey(project, name, version)),
  );

function letFollow(course: Course): void {
  const { world, random } = course;
  for (let left = mostFollowing; left > 0; left -= 1) {
    while (world.deliver() || world.perform()) continue;
    const running = [...world.engine].filter(([, { state }]) => state.is === 'running');
    const attempt = random.pick(running)?.[0];
    if (attempt === undefined) return;
    publishChecked(course, attempt);
  }
}

/** What the stage made is there no more, or is not what whoever asks for it in the project would get. */
function spoil({ world, random }: Course, tried: readonly Row[]): void {
  const made = [...world.state.records.runs.values()].flatMap(({ index, lock, outcome }) =>
    index === stage && tried.some(({ name, version }) => lock.direct[name] === version)
      ? (outcome?.published ?? [])
      : [],
  );
  const { name, version } = random.pick(made) ?? {};
  if (name === undefined || version === undefined) return;
  if (world.rows.get(versionKey(stage, name, version))?.withdrawn === true) return;
  const byHand = (its: string): void => {
    world.say(() => `ana publishes ${name}@${its} by hand`);
    world.release([productManifest(name, its, 'x'.repeat(1 + random.below(4)))]);
  };
  const how = random.below(5);
  if (how > 0) return byHand(how < 3 ? version : semver.inc(version, 'minor')!);
  world.say(() => `ana withdraws ${name}@${version} in ${stage}`);
  world.withdraw(name, version, stage);
}

/** It was decided to show it, and then it is gone. */
function takeAway({ world }: Course): void {
  while (world.deliver()) continue;
  const shown = world.effects.flatMap((effect) =>
    effect.do === 'submit' ? (effect.ticket.reference?.products ?? []) : [],
  );
  const [gone] = shown;
  if (gone === undefined || world.rows.get(versionKey(stage, gone.name, gone.version)) === undefined) return;
  world.say(() => `ana withdraws ${gone.name}@${gone.version} in ${stage}`);
  world.withdraw(gone.name, gone.version, stage);
}
