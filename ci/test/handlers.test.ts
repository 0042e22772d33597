/** Handlers at work on a real server: checks run by themselves, and what they find opens gates, or keeps them shut. */
import { expect, test } from 'vitest';
import { proj, stage, staged, tellTheStory, tool } from './staged.ts';

test('a packl whose check passes is promoted by itself; one whose check fails stays, with its report', async () => {
  await using scene = await staged({ gate: { checks: true } });
  const { alice } = scene;
  const checks = { works: ['node', 'index.js'] };
  await scene.write('tool', tool('1.0.0', checks));
  await scene.publish('tool');
  const good = await scene.handled('@gen/tool', '1.0.0');
  expect(good).toMatchObject({
    state: 'promoted',
    promoteTo: proj,
    checks: [
      { check: 'installs', passed: true },
      { check: 'works', of: '@gen/tool@1.0.0', passed: true },
    ],
  });
  expect(await scene.versions('@gen/tool')).toEqual(['1.0.0']);

  await scene.write('tool', tool('1.0.1', checks, 'console.log("all is lost");\nprocess.exit(3);\n'));
  await scene.publish('tool');
  const bad = await scene.handled('@gen/tool', '1.0.1');
  expect(bad).toMatchObject({ state: 'failed', reason: expect.stringContaining('works') });
  expect(bad.checks[1]).toMatchObject({ check: 'works', passed: false, log: ['all is lost'] });
  expect(await scene.versions('@gen/tool')).toEqual(['1.0.0']);
  const verdicts = await alice.verdicts(stage, { name: '@gen/tool', version: '1.0.1' });
  expect(verdicts.map(({ verdict }) => verdict)).toMatchObject([
    { check: 'qa', result: 'failed', handler: 'qa', run: bad.runs[0] },
    { check: 'works', result: 'failed' },
  ]);
});

test(
  'published to a stage, checked, approved over a kill of the server, promoted, processed',
  { timeout: 90_000 },
  () => tellTheStory(),
);
