/** Handlers from the command line: declared, tried, at work, waiting for a person, given up. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Film, makeFilm, typedIn } from './film.ts';

let film: Film;
beforeAll(async () => {
  film = await makeFilm();
}, 540_000);
afterAll(() => film?.[Symbol.asyncDispose]());

const { run, refused } = typedIn(() => film);

/** Asks until the answer has this in it. */
async function until(command: string, text: string): Promise<string> {
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    const answer = await run(command);
    if (answer.includes(text)) return answer;
    await pause(200); // what is waited for needs the processor, too
  }
  throw new Error(`${command} never said ${text}.`);
}

test('a handler is added with its grant, listed, shown by status, and removed with it', async () => {
  await run('proj user add alice --password-stdin', { input: 'x\n' });
  await run('proj index create alice/stage');
  expect(await run('proj handler add alice/stage qa --promote-to root/PROJ')).toBe(
    'Added alice/stage\tqa\tqa\tpromotes to root/PROJ\nroot/PROJ lets it promote: qa@alice/stage\n',
  );
  expect(await run('proj handler list')).toContain('alice/stage\tqa\tqa\tpromotes to root/PROJ\n');
  expect(await run('proj status')).toContain('handler  alice/stage  qa  qa  promotes to root/PROJ\n');
  await run('proj handler add alice/stage command --name tell -- true {name}');
  expect(await run('proj handler remove alice/stage tell')).toBe('Removed tell from alice/stage\n');
  expect(await refused('proj handler remove alice/stage tell')).toEqual([3, 'PIPL_NO_HANDLER']);
});

test('what no handler can be is refused with every problem', async () => {
  expect(await refused('proj handler add alice/stage qa --op withdraw')).toEqual([7, 'PIPL_HANDLER_INVALID']);
  const misspelt = 'proj handler add --json alice/stage command -- tell {nam}'.split(' ');
  expect((await film.pipl(misspelt)).json.error.code).toBe('PIPL_HANDLER_INVALID');
  expect(await refused('proj handler add alice/stage job --template ../x.yaml')).toEqual([
    7,
    'PIPL_HANDLER_INVALID',
  ]);
  expect(await refused('proj handler add nobody/there qa')).toEqual([3, 'PIPL_NO_INDEX']);
});

test('approved after its checks passed, a version is promoted at once; what failed says so everywhere', async () => {
  await run('proj stop');
  const { readFileSync, writeFileSync } = await import('node:fs');
  const file = `${film.project}/.pipl`;
  const gates = { 'root/PROJ': { checks: true, approval: { by: ['root'], self: true } } };
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), gates }));
  await run('proj start --detach');
  const checks = { works: ['node', 'check.js'] };
  const good = film.packl(
    '@film/tool',
    { version: '1.0.0', pipl: { kind: 'code', checks } },
    {
      'check.js':
        "import { writeFileSync } from 'node:fs';\nwriteFileSync(process.env.PIPL_REPORT, JSON.stringify({ figures: { polygons: 12 } }));\n",
    },
  );
  await run(`packl publish ${good} --to alice/stage`);
  expect(await until('proj handler log @film/tool@1.0.0', 'waits for the gate')).toMatch(
    /waits for the gate: .* by root\.\n {2}✓ installs .*\n {2}✓ works .*\n {6}polygons: 12\n$/,
  );
  expect(await run('approve @film/tool@1.0.0 -m good')).toMatch(
    /^Approved @film\/tool@1\.0\.0 in alice\/stage \(change \d+\)\nqa found 2 check\(s\) passed .* ago: promoted to root\/PROJ \(change \d+\)\n$/,
  );
  expect(await run('why @film/tool@1.0.0')).toMatch(
    /qa of alice\/stage took .* 2 of 2 check\(s\) passed; promoted/,
  );

  const bad = film.packl(
    '@film/broken',
    { version: '1.0.0', pipl: { kind: 'code', checks } },
    { 'check.js': 'console.log("the mast is missing"); process.exit(1);\n' },
  );
  await run(`packl publish ${bad} --to alice/stage`);
  expect(await until('proj handler log @film/broken@1.0.0', 'failed:')).toMatch(
    /failed: 1 of 2 .*\n.*installs.*\n {2}✗ works .*\n {6}\| the mast is missing\n$/,
  );
  expect(await run('runs @film/broken')).toMatch(/✗ qa of @film\/broken@1\.0\.0 +failed/);
  expect(await refused('promote @film/broken@1.0.0 --to root/PROJ')).toEqual([7, 'PIPL_GATE_CLOSED']);
  const tried = await film.pipl('proj handler test alice/stage qa @film/broken@1.0.0'.split(' '), {
    cwd: film.project,
  });
  expect([tried.status, tried.out]).toEqual([7, expect.stringContaining('| the mast is missing')]);
  expect(await run('proj handler test alice/stage qa @film/tool@1.0.0')).toMatch(
    /qa@alice\/stage \(tried\) .* passed/,
  );
});
