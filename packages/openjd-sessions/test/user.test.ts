/**
 * Actions as another user, for real: the cases of `user-cases/` run as an ordinary agent and as root, in a mount
 * namespace that has users and sudoers of its own. It needs root, `unshare` and sudo.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';

import { describe, expect, test } from 'vitest';

import { PosixSessionUser, SessionUserError, WindowsSessionUser } from '../src/index.ts';
import { actionScript } from '../src/shell-script.ts';

const repository = resolve(import.meta.dirname, '../../..');
const here = 'packages/openjd-sessions/test/user-cases';

interface Verdict {
  readonly name: string;
  readonly ok: boolean;
  readonly error?: string;
}

/** Why the cases cannot run here; undefined when they can. */
function whyNot(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs root on Linux';
  const missing = ['unshare', 'sudo', 'setpriv'].filter((name) => spawnSync(name, ['-V']).error);
  if (missing.length > 0) return `it needs ${missing.join(', ')}`;
  const probe = spawnSync('unshare', [
    '-m',
    '--propagation',
    'private',
    'mount',
    '-t',
    'tmpfs',
    'none',
    '/mnt',
  ]);
  return probe.status === 0 ? undefined : `no mount namespace can be made: ${probe.stderr}`;
}

async function verdictsAs(user: string, firstId: number): Promise<Verdict[]> {
  const inside = [`${repository}/${here}/namespace.sh`, process.execPath, repository, user];
  const child = spawn(
    'unshare',
    ['-m', '--propagation', 'private', 'sh', ...inside, `${here}/program.ts`, String(firstId)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  const verdicts = out
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Verdict => JSON.parse(line));
  if (child.exitCode !== 0) throw new Error(`as ${user} it ended with ${child.exitCode}: ${err}`);
  return verdicts;
}

/** Of this run alone: what a killed run left would be taken for ours. */
const firstFreeId = 1_000_000 + process.pid * 100;

const reason = whyNot();
if (reason !== undefined && process.env['PIPL_TEST_REQUIRE'] === 'all') throw new Error(reason);
if (reason !== undefined) console.log(`skipped: actions as another user: ${reason}`);

describe.skipIf(reason !== undefined)('actions as another user', () => {
  test.concurrent.each([
    ['hostuser', firstFreeId, 35],
    ['root', firstFreeId + 50, 34],
  ])('every case holds when the agent is %s', { timeout: 540_000 }, async (user, firstId, least) => {
    const verdicts = await verdictsAs(user, firstId);
    expect(verdicts.filter(({ ok }) => !ok).map(({ name, error }) => `${name}: ${error}`)).toEqual([]);
    expect(verdicts.length).toBeGreaterThanOrEqual(least);
    expect(verdicts.at(-1)?.name).toMatch(/^in the end no process/);
  });
});

test('the script that another user reads checks the program before it says that it started', () => {
  const start = {
    command: "it's $x",
    args: ['a'],
    variables: { PATH: '/bin' },
    added: {},
    cwd: '/w',
    outputPath: '/o',
  };
  const script = actionScript(start, { changes: '', checks: true });
  expect(script).toContain(`command -v 'it'\\''s $x' >/dev/null || {`);
  expect(script.indexOf('command -v')).toBeLessThan(script.indexOf('echo "s '));
});

test('the user of this process is known as such, by name or by number', () => {
  const own = new PosixSessionUser(String(process.getuid?.()));
  expect(own.isProcessUser).toBe(true);
  expect(new PosixSessionUser(own.user).uid).toBe(process.getuid?.());
  expect(() => new PosixSessionUser('no such user')).toThrow(SessionUserError);
});

test('a Windows user has the same surface, keeps the password from logs, and is refused here', () => {
  const user = new WindowsSessionUser('STUDIO\\artist', { password: 'hunter2' });
  expect(user).toMatchObject({ kind: 'windows', user: 'STUDIO\\artist', isProcessUser: false });
  expect(user.password).toBe('hunter2');
  expect(JSON.stringify(user)).not.toContain('hunter2');
  expect(() => new WindowsSessionUser('a:b')).toThrow(SessionUserError);
});
