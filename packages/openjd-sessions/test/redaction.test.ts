/** Secrets in other spellings, and a secret that arrives in pieces. */
import { expect, test } from 'vitest';

import { Redactor } from '../src/redaction.ts';
import { environment, startSession, task } from './session-fixture.ts';

const secret = 'p4ss/wörd?&+ ~tail';

const redacted = (text: string, of: string = secret): string => {
  const redactor = new Redactor();
  redactor.add(of);
  return redactor.redact(text);
};

const base64 = (text: string) => Buffer.from(text).toString('base64');

test.each([
  ['base64', base64(secret)],
  ['base64 without padding', base64(secret).replace(/=+$/, '')],
  ['base64 of a URL', Buffer.from(secret).toString('base64url')],
  ['a URL', encodeURIComponent(secret)],
  ['a URL in small hexadecimals', encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase())],
  ['a form', new URLSearchParams({ p: secret }).toString().slice(2)],
  ['a path in a URL', encodeURIComponent(secret).replaceAll('%2F', '/')],
])('hidden in %s', (_what, spelled) => {
  expect(redacted(`see ${spelled} there`)).toMatch(/^see \*{8}=* there$/);
});

test.each(['u:', 'us:', 'usr:'])('hidden in base64 of something longer, after %j', (before) => {
  const shown = redacted(base64(`${before}${secret} and more`));
  expect(shown).toContain('********');
  // What is left on both sides is less than three bytes of the secret.
  const left = shown.split('********').map((part) => Buffer.from(part, 'base64').toString('latin1'));
  expect(left.join('')).not.toContain(secret.slice(0, 4));
  expect(shown.length).toBeLessThan(base64(`${before} and more`).length + 16);
});

test('hidden in base64 that a tool broke into lines', () => {
  const key = Array.from({ length: 30 }, (_, at) => `line ${at} of a key`).join('\n');
  const printed = base64(key).match(/.{1,76}/g) ?? [];
  expect(printed.length).toBeGreaterThan(5);
  for (const line of printed.slice(0, -1)) expect(redacted(line, key)).toBe('********');
});

test('words that only look alike are left alone', () => {
  const text = 'cGFzcw is no secret, and neither is 100%25';
  expect(redacted(text, 'pass')).toBe(text);
});

test('every line of a secret of several lines is hidden, however its bytes arrive', async () => {
  await using heard = startSession();
  const lines = ['-----BEGIN-----', 'c2VjcmV0IG9uZQ', 'dHdvIG9mIHRoZW0', '-----END-----'];
  const told = JSON.stringify(`KEY=${lines.join('\n')}`);
  await heard.session.enterEnvironment({
    environment: environment('E', {
      enter: `printf '%s\\n' 'openjd_redacted_env: ${told}'`,
    }),
  });
  const drip =
    'printf %s "$KEY" | while IFS= read -r -n 3 part; do printf %s "$part"; [ ${#part} -lt 3 ] && echo; done; echo';
  await heard.session.runTask({
    stepScript: {
      actions: { onRun: { command: 'bash', args: ['-c', `echo "$KEY"; ${drip}; echo "$KEY" >&2`] } },
    },
    taskParameterValues: {},
  });
  const shown = heard.records.map(({ message }) => message).join('\n');
  for (const line of lines) expect(shown).not.toContain(line);
  expect(heard.output().filter((line) => line === '********').length).toBeGreaterThanOrEqual(8);
});

test('a flood costs no memory: a slow listener slows the action down', async () => {
  let pending = 0;
  let most = 0;
  await using heard = startSession({
    onLog: async () => {
      pending += 1;
      most = Math.max(most, pending);
      await new Promise(setImmediate);
      pending -= 1;
    },
  });
  expect(await heard.session.runTask(task('yes "a line that goes on" | head -n 100000'))).toMatchObject({
    state: 'SUCCESS',
  });
  // One chunk of a pipe, not a hundred thousand lines.
  expect(most).toBeLessThan(10_000);
});
