/** The server may die at any moment of a wave: started again it ends the wave, loses nothing, repeats nothing. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { generatedProject, noteText, reads } from './generated-project.ts';

const kills = 20;

test(`a wave of seven tasks survives ${kills} kills of the server`, { timeout: 720_000 }, async () => {
  await using production = await generatedProject();
  let version = 0;
  let killed = 0;
  while (killed < kills) {
    version += 1;
    const change = await production.publishSeed(`1.${version}.0`, `seed ${version}`);
    for (let inThisWave = 0; inThisWave < 5 && killed < kills; inThisWave += 1) {
      await sleep(Math.random() * 400);
      await production.kill();
      killed += 1;
      await production.start();
    }
    const runs = await production.settled(change);
    expect(runs.map(({ task, state }) => `${task} ${state}`).toSorted()).toEqual(
      expect.arrayContaining(Object.keys(reads).map((task) => `@gen/${task} succeeded`)),
    );
    expect(runs.filter(({ state }) => state === 'failed')).toEqual([]);
  }

  const rows = await production.rows();
  for (const task of Object.keys(reads)) {
    const notes = rows.filter(({ name }) => name === `@gen/${task}-note`);
    expect(notes.map((note) => note.version).toSorted()).toEqual(
      Array.from({ length: version }, (_, wave) => (wave === 0 ? '1.0.0' : `1.${wave}.0`)),
    );
  }
  const tip = rows.find(({ name, version: at }) => name === '@gen/g-note' && at === `1.${version - 1}.0`);
  const a = `@gen/a(seed ${version})`;
  expect(await noteText(production.project, tip!)).toBe(
    `@gen/g(@gen/f(@gen/d(@gen/b(${a})+@gen/c(${a}))+@gen/e(${a})))`,
  );
});
