/** Gates from the command line: in force when the command returns, and kept in `.pipl` with what else is there. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Film, makeFilm } from './film.ts';
import { atHome, doneHere, piplHere } from './here.ts';

let film: Film;
const run = async (line: string) => {
  const ended = await piplHere(line.split(' '), { cwd: film.project });
  expect([line, ended.status, ended.err]).toEqual([line, 0, expect.any(String)]);
  return ended;
};
const refused = async (line: string) => {
  const ended = await piplHere([...line.split(' '), '--json'], { cwd: film.project });
  const { error } = JSON.parse(ended.out) as { error?: { code: string } };
  return [ended.status, error?.code];
};
const written = () =>
  JSON.parse(readFileSync(join(film.project, '.pipl'), 'utf8')) as {
    name: string;
    handlers: object;
    gates?: object;
  };

beforeAll(async () => {
  film = await makeFilm();
  atHome(film);
  film.packl('@film/tool', { pipl: { kind: 'code' } });
  await run('proj index create root/stage --base root/PROJ');
  await run('proj group set supervisors root');
}, 540_000);
afterAll(() => film?.[Symbol.asyncDispose]());

test('a gate is in force at once, listed, written into .pipl beside what was there, and removed again', async () => {
  const before = written();
  expect((await run('proj gate list')).out).toMatch(/^No index has a gate/);
  const set = await run('proj gate set root/PROJ --checks --approval :supervisors');
  expect(set.out).toBe('root/PROJ\tchecks: all that report; approvals: 1 by :supervisors\n');
  expect(set.err).toContain('no handler reports checks to root/PROJ');
  expect(written()).toEqual({
    ...before,
    gates: { 'root/PROJ': { checks: true, approval: [':supervisors'] } },
  });
  expect(await refused('publish workspaces/film/tool')).toEqual([6, 'PIPL_GATED']);

  // All of it is said each time.
  await run('proj gate set root/PROJ --approval root --self');
  expect(written().gates).toEqual({ 'root/PROJ': { approval: { by: ['root'], self: true } } });
  expect((await run('proj gate list')).out).toBe("root/PROJ\tapprovals: 1 by root, one's own too\n");
  const indexes = await doneHere('proj index list-indexes', { cwd: film.project });
  expect(indexes).toContainEqual(
    expect.objectContaining({ name: 'root/PROJ', gate: { approval: ['root'], self: true } }),
  );
  await run('publish workspaces/film/tool --to root/stage');
  expect((await run('approve @film/tool@1.0.0')).out).toContain('root/PROJ takes it now: pipl promote');
  await run('promote @film/tool@1.0.0 --to root/PROJ');

  expect((await run('proj gate rm root/PROJ')).out).toMatch(/^Removed the gate of root\/PROJ/);
  expect(written()).toEqual(before);
  expect(await refused('proj gate remove root/PROJ')).toEqual([3, 'PIPL_NO_GATE']);
});

test('a handler that holds a version because of a gate brings it in when the gate is another one', async () => {
  await run('proj gate set root/PROJ --checks --approval :supervisors');
  await run('proj handler add root/stage qa --promote-to root/PROJ');
  film.packl('@film/late', { pipl: { kind: 'code' } });
  await run('publish workspaces/film/late --to root/stage');
  const listed = () => doneHere('proj gate list', { cwd: film.project });
  await expect
    .poll(listed, { timeout: 300_000 })
    .toMatchObject([{ index: 'root/PROJ', waiting: 1, handlers: [{ handler: 'qa', from: 'root/stage' }] }]);
  await run('proj gate set root/PROJ --checks');
  await expect
    .poll(async () => (await run('proj handler log @film/late@1.0.0')).out, { timeout: 300_000 })
    .toContain('promoted to root/PROJ');
});

test('what was edited by hand is said to count later; the commands leave it as it is', async () => {
  const file = join(film.project, '.pipl');
  const gates = { ...written().gates, 'root/stage': { approvals: 2 } };
  writeFileSync(file, JSON.stringify({ ...written(), gates }));
  const { out, err } = await run('proj gate list');
  expect(out).toBe('root/PROJ\tchecks: all that report\tpromotes: qa@root/stage\nroot/stage\topen\n');
  expect(err).toContain('.pipl says something else of root/stage (approvals: 2 by whoever may promote)');
  await run('proj gate set root/PROJ --approvals 1');
  expect(written().gates).toEqual({ 'root/PROJ': { approvals: 1 }, 'root/stage': { approvals: 2 } });
  await run('proj gate set root/stage --approvals 2');
  expect((await run('proj gate list')).err).not.toContain('something else');
});

test('what no gate can be is refused, and nothing is changed', async () => {
  const before = written();
  expect(await refused('proj gate set root/PROJ --self')).toEqual([7, 'PIPL_GATE_INVALID']);
  expect(await refused('proj gate set root/PROJ --approval :nobody')).toEqual([3, 'PIPL_NO_USER']);
  expect(await refused('proj gate set root/nowhere --checks')).toEqual([3, 'PIPL_NO_INDEX']);
  expect(await refused('proj gate set root/PROJ --approvals 0')).toEqual([7, 'PIPL_GATE_INVALID']);
  expect(written()).toEqual(before);
});

test('two that change .pipl at once both have their way', async () => {
  await Promise.all([
    run('proj gate set root/PROJ --checks frames'),
    run('proj gate set root/stage --checks names'),
    run('proj handler add root/stage command --name tell -- true {name}'),
  ]);
  expect(written().gates).toEqual({
    'root/PROJ': { checks: ['frames'] },
    'root/stage': { checks: ['names'] },
  });
  expect(JSON.stringify(written().handlers)).toContain('"tell"');
});
