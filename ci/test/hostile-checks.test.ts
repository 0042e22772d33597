/** Who may publish to an index with a QA handler has code run by it: what that code is given, and what it is not. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { PiplError } from '@pipl/packl';
import { packTarball } from '@pipl/registry-client';
import { eventually } from './generated-project.ts';
import { proj, stage, staged, tool } from './staged.ts';

const refusal = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'It was not refused.',
    (error: unknown) => (error instanceof PiplError ? error.code : String(error)),
  );

/** Says what it finds: variables that are none of a job's, and files that hold a token. */
const curious = `import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
console.log('variables ' + Object.keys(process.env).filter((name) => /SECRET|PASSWORD|TOKEN|KEY/i.test(name)));
console.log('files ' + readdirSync(dirname(dirname(process.env.PIPL_CONTEXT))).filter((name) => name.startsWith('access')));
`;

test('the checks of a packl see no secret of the server, and their token publishes, judges and promotes nothing', async () => {
  process.env['PIPL_DATABASE_PASSWORD'] = 'carrot';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'carrot';
  await using scene = await staged();
  const { production, root } = scene;
  const settings = join(production.project.path, '.pipl');
  const written = JSON.parse(await readFile(settings, 'utf8')) as object;
  await production.stop();
  await writeFile(settings, JSON.stringify({ ...written, runs: { concurrency: 1 } }));
  await production.start();

  // While another run has the only place, the attempt waits with its token beside it.
  const gate = join(production.path, 'gate');
  await production.publishTask('a', '1.1.0', { parameters: { gate } });
  await production.publishSeed('1.0.0', 'one');
  await production.run('a', ['running']);
  await scene.write('tool', tool('1.0.0', { looks: ['node', 'index.js'] }, curious));
  await scene.publish('tool');
  const runs = join(production.project.system, 'runs');
  const { attempt, token } = await eventually(async () => {
    const paths = await readdir(runs, { recursive: true });
    const access = paths.find((path) => path.endsWith('access.json'));
    if (access === undefined) return undefined;
    const { token: found } = JSON.parse(await readFile(join(runs, access), 'utf8')) as { token: string };
    return { attempt: dirname(access), token: found };
  });
  const stolen = production.client.withToken(token);
  expect((await stolen.rows(stage, '@gen/tool')).rows).toHaveLength(1);
  const manifest = { name: '@gen/tool', version: '2.0.0' };
  const packed = await packTarball(new Map([['package.json', Buffer.from(JSON.stringify(manifest))]]));
  const packls = [{ name: '@gen/tool', version: '1.0.0', from: stage }];
  const verdict = { kind: 'check', check: 'qa', result: 'passed' } as const;
  const good = { name: '@gen/tool', version: '1.0.0', verdict };
  const refused = {
    release: await refusal(
      stolen.release({ index: stage, run: attempt, packls: [{ manifest, ...packed }] } as never),
    ),
    promote: await refusal(stolen.promote(proj, { packls })),
    judge: await refusal(stolen.judge(stage, good)),
    index: await refusal(stolen.setIndex(proj, { volatile: false })),
    withdraw: await refusal(stolen.withdraw(stage, { name: '@gen/tool', version: '1.0.0' })),
    handler: await refusal(stolen.addHandler(stage, { kind: 'command', command: ['true'] } as never)),
    user: await refusal(stolen.setUser('mallory', { password: 'm' })),
  };
  expect(refused).toEqual({
    release: 'PIPL_DENIED',
    promote: 'PIPL_DENIED',
    judge: 'PIPL_DENIED',
    index: 'PIPL_DENIED',
    withdraw: 'PIPL_DENIED',
    handler: 'PIPL_LOGIN_NEEDED',
    user: 'PIPL_DENIED',
  });

  await writeFile(gate, '');
  const { state, runs: attempts } = await scene.handled('@gen/tool', '1.0.0');
  expect(state).toBe('promoted');
  const { text } = await root.runLog(attempts[0]!);
  expect(text).toContain('"text":"variables "');
  expect(text).toContain('"text":"files "');
  expect(await refusal(stolen.rows(stage, '@gen/tool'))).toBe('PIPL_TOKEN');
}, 540_000);
