/** Guessing passwords is slow, wherever it is tried, and locks nobody out of where they have logged in before. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { hashPassword } from '../src/people/passwords.ts';
import { openThrottle, TooManyTries } from '../src/people/throttle.ts';
import { film, refusal, startScene, type Scene } from './scene.ts';

const post = (scene: Scene, user: string, password: string) =>
  fetch(`${scene.registry.url}/-/pipl/v1/login`, {
    method: 'POST',
    body: JSON.stringify({ user, password }),
  });

/** A throttle whose clock the test turns. */
function clocked() {
  let now = 0;
  const throttle = openThrottle(() => now);
  const passes = (user: string, address: string) => {
    try {
      return throttle.begin(user, address);
    } catch (error) {
      if (error instanceof TooManyTries) return undefined;
      throw error;
    }
  };
  /** How many of so many guesses a second are looked at. */
  const looked = (seconds: number, perSecond: number, guess: (i: number) => readonly [string, string]) => {
    let count = 0;
    for (let i = 0; i < seconds * perSecond; i++) {
      if (passes(...guess(i)) !== undefined) count++;
      now += 1000 / perSecond;
    }
    return count;
  };
  return { passes, looked, later: (ms: number) => (now += ms) };
}

test('a thousand guesses a minute for one user: eleven are looked at, from however many addresses', () => {
  expect(clocked().looked(60, 17, () => ['alice', '10.0.0.1'])).toBeLessThanOrEqual(11);
  expect(clocked().looked(60, 17, (i) => ['alice', `10.0.${i >> 8}.${i & 255}`])).toBeLessThanOrEqual(11);
});

test('a thousand guesses a minute from one address, for however many users: 26 are looked at', () => {
  expect(clocked().looked(60, 17, (i) => [`user${i}`, '10.0.0.1'])).toBeLessThanOrEqual(26);
  const sameNetwork = clocked().looked(60, 17, (i) => [`user${i}`, `2001:db8:0:1::${i.toString(16)}`]);
  expect(sameNetwork).toBeLessThanOrEqual(26);
});

test('a day of guessing looks at 300 passwords', () => {
  expect(clocked().looked(24 * 3600, 0.1, () => ['alice', '10.0.0.1'])).toBeLessThanOrEqual(300);
});

test('who mistypes a few times is not kept waiting, and a success forgets the failures', () => {
  const { passes, later } = clocked();
  for (let day = 0; day < 20; day++) {
    for (let i = 0; i < 4; i++) expect(passes('alice', '10.0.0.1')).toBeDefined();
    passes('alice', '10.0.0.1')?.succeeded();
    later(1000);
  }
});

test('guesses from elsewhere do not lock a user out of where they have logged in before', () => {
  const { passes, looked } = clocked();
  passes('alice', '10.0.0.1')?.succeeded();
  looked(30, 17, () => ['alice', '10.9.9.9']);
  expect(passes('alice', '10.0.0.1')).toBeDefined();
  expect(passes('alice', '10.0.0.2')).toBeUndefined();
});

test('one success of an attacker’s own does not buy guesses for others', () => {
  const { passes } = clocked();
  let looked = 0;
  for (let i = 0; i < 1000; i++) {
    passes('mallory', '10.0.0.1')?.succeeded();
    if (passes(`user${i}`, '10.0.0.1') !== undefined) looked++;
  }
  expect(looked).toBeLessThanOrEqual(21);
});

test(
  'the server: a thousand tries are answered 429 with when to try again, root’s too',
  { timeout: 540_000 },
  async () => {
    await using scene = await startScene();
    await scene.registry.setUser('alice', { password: 'carrot' });
    await scene.registry.setUser('root', { password: 'turnip' });
    for (const [user, count] of [
      ['root', 50],
      ['alice', 1000],
    ] as const) {
      const answers: Response[] = [];
      // A hundred at once, as often as it takes: more connections than that wait in the kernel anyway.
      for (let done = 0; done < count; done += 100) {
        const batch = Array.from({ length: Math.min(100, count - done) }, (_, i) =>
          post(scene, user, `guess ${done + i}`),
        );
        answers.push(...(await Promise.all(batch)));
      }
      const looked = answers.filter(({ status }) => status === 401);
      const refused = answers.filter(({ status }) => status === 429);
      expect(looked.length).toBeLessThanOrEqual(11);
      expect(looked.length + refused.length).toBe(count);
      expect(refused.every(({ headers }) => Number(headers.get('retry-after')) >= 1)).toBe(true);
    }
    const right = await post(scene, 'alice', 'carrot');
    expect([right.status, ((await right.json()) as { code: string }).code]).toEqual([
      429,
      'PIPL_TOO_MANY_TRIES',
    ]);
  },
);

test('npm’s logins and passwords are counted with all others', async () => {
  await using scene = await startScene();
  const { token = '' } = await scene.as('alice');
  const at = `${scene.registry.url}/${film}`;
  const guess = (i: number) => ({ name: 'alice', username: 'alice', password: `guess ${i}` });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const ways = [
    (i: number) =>
      fetch(`${at}/-/user/org.couchdb.user:alice`, { method: 'PUT', body: JSON.stringify(guess(i)) }),
    (i: number) => fetch(`${at}/-/verdaccio/sec/login`, { method: 'POST', body: JSON.stringify(guess(i)) }),
    (i: number) =>
      fetch(`${at}/-/npm/v1/tokens`, { method: 'POST', headers, body: JSON.stringify(guess(i)) }),
    (i: number) =>
      fetch(`${at}/-/npm/v1/user`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ password: { old: `guess ${i}`, new: 'mine' } }),
      }),
  ];
  const statuses = [];
  for (let i = 0; i < 12; i++) statuses.push((await ways[i % ways.length]!(i)).status);
  expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
  expect(statuses.slice(5).filter((status) => status === 429).length).toBeGreaterThanOrEqual(5);
});

test('guesses never lock out who has the owner key', async () => {
  await using scene = await startScene();
  const ownerKey = await readFile(join(scene.dir, 'owner.key'), 'utf8');
  const wrong = Array.from({ length: 50 }, () =>
    refusal(scene.anonymous.login({ user: 'root', password: '' })),
  );
  expect(await Promise.all(wrong)).toContain('PIPL_TOO_MANY_TRIES');
  expect(await refusal(scene.anonymous.login({ user: 'root', password: '', ownerKey }))).toBe('accepted');
});

test('a user who does not exist takes as long as one who does', async () => {
  await using scene = await startScene();
  await scene.registry.setUser('alice', { password: 'carrot' });
  // The work of the server, which is in this process: others on this machine do not count, only add a little.
  const work = async (user: string) => {
    const from = process.cpuUsage();
    await refusal(scene.anonymous.login({ user, password: 'guess' }));
    const { user: own, system } = process.cpuUsage(from);
    return own + system;
  };
  await work('warm');
  const quickest = async (user: string) => Math.min(await work(user), await work(user), await work(user));
  const [known, unknown] = [await quickest('alice'), await quickest('nobody')];
  expect(unknown / known).toBeGreaterThan(0.5);
  expect(unknown / known).toBeLessThan(2);
});

test('hashing passwords leaves the main thread free', async () => {
  const before = performance.eventLoopUtilization();
  await Promise.all(Array.from({ length: 4 }, (_, i) => hashPassword(`carrot ${i}`)));
  const { utilization, active, idle } = performance.eventLoopUtilization(before);
  expect(active + idle).toBeGreaterThan(50);
  expect(utilization).toBeLessThan(0.5);
});
