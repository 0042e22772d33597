/** Completion: what is offered, and that bash, zsh and fish really offer it. PowerShell's is only parsed. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { complete } from '../src/complete.ts';
import { scripts } from '../src/completion-scripts.ts';
import { type Film, lacking, makeFilm } from './film.ts';
import { atHome, doneHere } from './here.ts';
import { powershellParser } from './powershell-parser.ts';

let film: Film;
let workspace: string;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  film = await makeFilm();
  atHome(film);
  workspace = join(film.project, 'workspaces', 'film');
  for (const name of ['@film/grade', '@film/grain'])
    await doneHere(['packl', 'publish', film.packl(name, { pipl: { kind: 'code' } })], { cwd: workspace });
  const { args, env: around } = film.commandLine([]);
  const bin = join(film.folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'pipl'), `#!/bin/sh\nexec ${args.map((word) => `'${word}'`).join(' ')} "$@"\n`);
  chmodSync(join(bin, 'pipl'), 0o755);
  for (const [shell, { script }] of Object.entries(scripts))
    writeFileSync(join(film.folder, `completion.${shell}`), script);
  env = { ...around, PATH: `${bin}:${process.env['PATH']}`, TERM: 'xterm', INPUTRC: '/dev/null' };
});
afterAll(() => film?.[Symbol.asyncDispose]());

const offered = async (line: string): Promise<string[]> => {
  const { candidates, files } = await complete(line.split(' '), workspace);
  return [...candidates.map(({ value }) => value), ...(files ? [':files'] : [])];
};
const has = (program: string): boolean => spawnSync('which', [program]).status === 0;

test('commands, options, choices, files, and what the project has', async () => {
  expect(await offered('pac')).toEqual(['packl']);
  expect(await offered('packl sh')).toEqual(['show']);
  expect(await offered('packl bump ')).toEqual(['major', 'minor', 'patch', 'prerelease', 'release']);
  expect(await offered('packl publish --st')).toEqual(['--stale-ok']);
  expect(await offered('packl add @film/gra')).toEqual(['@film/grade', '@film/grain']);
  expect(await offered('packl show @film/grade@')).toEqual(['@film/grade@1.0.0']);
  expect(await offered('promote @film/grade --to ')).toEqual(
    expect.arrayContaining(['root/PROJ', 'root/npm']),
  );
  expect(await offered('work remove ')).toEqual(['film']);
  expect(await offered('packl publish ')).toEqual([':files']);
  expect(await offered('-C / packl sh')).toEqual(['show']);
  expect(await offered('help ex')).toEqual(['exit-codes']);
  expect(await offered('packl show @film/grade more ')).toEqual([]);
  expect(await offered('-C / packl add ')).toEqual([]); // no project there: nothing, and no error
});

test('bash offers it', async (context) => {
  if (!has('bash')) lacking(context, 'there is no bash here');
  const asked = `source '${film.folder}/completion.bash'
    try() { COMP_LINE="$1"; COMP_POINT=\${#1}; _pipl; echo "\${COMPREPLY[*]}"; }
    try 'pipl packl sh'; try 'pipl packl add @film/gra'; try 'pipl '; complete -p pipl`;
  const { stdout } = spawnSync('bash', ['--norc', '-c', asked], { env, cwd: workspace, encoding: 'utf8' });
  const [show, names, all, registered] = stdout.split('\n');
  expect([show, names, registered]).toEqual(['show', '@film/grade @film/grain', 'complete -F _pipl pipl']);
  expect(all?.split(' ')).toEqual(expect.arrayContaining(['proj', 'work', 'packl', 'help', '--json']));
});

/** Types into an interactive shell and waits for what it makes of it. */
async function typing(
  shell: string,
  { setup, keys, becomes }: { setup: string; keys: string; becomes: RegExp },
) {
  const child = spawn('script', ['-qec', shell, '/dev/null'], {
    cwd: workspace,
    env: { ...env, PS1: 'READY> ' },
  });
  let screen = '';
  let told = 0;
  const steps: readonly [after: RegExp, keys: string][] = [
    [/./, `PS1='READY> '; ${setup}; echo SET''UP\n`],
    [/SETUP\r?\n[^]*READY> /, keys],
    [becomes, '\u0015exit\n'],
  ];
  child.stdout.on('data', (text: Buffer) => {
    screen += text.toString('utf8');
    for (; steps[told]?.[0].test(screen) === true; told++) child.stdin.write(steps[told]![1]);
  });
  const end = setTimeout(() => child.kill(), 60_000);
  await once(child, 'close');
  clearTimeout(end);
  return { told, screen };
}

test.each([
  ['bash', 'bash --norc --noprofile -i', (file: string) => `source '${file}'`],
  ['zsh', 'zsh -f -i', (file: string) => `autoload -Uz compinit; compinit -u -D; source '${file}'`],
] as const)('%s completes while one types', async (name, shell, setup) => {
  const context = { skip: (reason: string): never => expect.unreachable(reason) };
  if (!has(name) || !has('script')) {
    if (process.env['PIPL_TEST_REQUIRE'] === 'all')
      lacking(context, `there is no ${name} or no script(1) here`);
    return;
  }
  const keys = 'pipl packl show @film/grad\t';
  const typed = await typing(shell, {
    setup: setup(join(film.folder, `completion.${name}`)),
    keys,
    becomes: /show @film\/grade/,
  });
  expect(typed).toMatchObject({ told: 3 });
});

test('fish offers it, with what each is about', (context) => {
  if (!has('fish')) lacking(context, 'there is no fish here');
  const asked = `source '${film.folder}/completion.fish'; complete -C 'pipl packl sh'; complete -C 'pipl packl add @film/grai'`;
  const { stdout } = spawnSync('fish', ['--no-config', '-c', asked], {
    env,
    cwd: workspace,
    encoding: 'utf8',
  });
  expect(stdout).toBe('show\tShow the manifest of a packl\n@film/grain\tcode 1.0.0\n');
});

test("PowerShell's script is PowerShell, and asks the same", async () => {
  const mistakesIn = await powershellParser();
  const { script } = scripts.powershell;
  expect(mistakesIn(script)).toEqual([]);
  expect(script).toContain('pipl __complete');
  // what it would say of the mistakes that a change could make
  expect(mistakesIn(script.replace('param(', 'param(,'))).toEqual(['line 3']);
  expect(mistakesIn(script.replace("'ParameterValue'", "'ParameterValue"))).toEqual(['line 10']);
  expect(mistakesIn(script.replace('if (-not $about)', 'if -not $about'))).toEqual(['line 9']);
  expect(mistakesIn(script.replace('{', ''))).toEqual(['line 13']);
});

test('pipl completion prints the script of a shell', async () => {
  const ended = await film.pipl(['completion', 'fish']);
  expect([ended.status, ended.out]).toEqual([0, scripts.fish.script]);
  expect(await film.pipl(['completion', 'tcsh'])).toMatchObject({ status: 2, out: '' });
});
