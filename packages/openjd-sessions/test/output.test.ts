import { setTimeout } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { LineSplitter, decode } from '../src/lines.ts';
import { Redactor } from '../src/redaction.ts';
import { startSession, task } from './session-fixture.ts';

test('stdout and stderr arrive in order, with the lines of the session around them', async () => {
  await using heard = startSession();
  await heard.session.runTask(task('echo one; echo two >&2; echo three >/dev/stderr; printf last'));
  expect(heard.output()).toEqual(['one', 'two', 'three', 'last']);
  const lines = heard.records.map(({ message }) => message).join('\n');
  expect(lines).toMatch(/Running command sh -c 'echo one.*\n/);
  expect(lines).toMatch(/Command started as pid: \d+\n/);
  expect(lines).toMatch(/Process pid \d+ exited with code: 0 \(unsigned\) \/ 0x0 \(hex\)/);
});

test('stdin is empty', async () => {
  await using heard = startSession();
  await heard.session.runTask(task('cat; echo end'));
  expect(heard.output()).toEqual(['end']);
});

test('an action starts in the working directory, as the leader of nobody else', async () => {
  await using heard = startSession();
  await heard.session.runTask(
    task('echo $PWD; pwd -P; echo ${OLDPWD-none}; grep -E "Sig(Ign|Blk)" /proc/self/status'),
  );
  const { workingDirectory } = heard.session;
  expect(heard.output().slice(0, 3)).toEqual([workingDirectory, workingDirectory, 'none']);
  // SIGINT (bit 1) and SIGTERM (bit 14) reach the program.
  for (const line of heard.output().slice(3)) {
    expect(BigInt(`0x${line.split(/\s+/)[1]}`) & 0x4002n).toBe(0n);
  }
});

test('bytes that are no text become \\xNN, and the reader lives on', async () => {
  await using heard = startSession();
  await heard.session.runTask(task(String.raw`printf 'a\377b\303\251c\342\202\n'; echo after`));
  expect(heard.output()).toEqual(['a\\xffbéc\\xe2\\x82', 'after']);
});

test('lines longer than 64,000 bytes arrive in pieces, none cut inside a character', async () => {
  await using heard = startSession();
  await heard.session.runTask(task(`head -c 70000 /dev/zero | sed 's/\\x0/漢/g'; echo; echo after`));
  const pieces = heard.output();
  expect(pieces.map((piece) => Buffer.byteLength(piece))).toEqual([63_999, 63_999, 63_999, 18_003, 5]);
  expect(pieces.slice(0, 4).join('')).toBe('漢'.repeat(70_000));
});

test('decode keeps a replacement character that is really there', () => {
  expect(decode(Buffer.from('a\ufffdb'))).toBe('a\ufffdb');
  expect(decode(Buffer.from([0xed, 0xa0, 0x80]))).toBe('\\xed\\xa0\\x80');
});

test('lines do not depend on how the bytes were split', () => {
  const bytes = Buffer.from('first é\r\nsecond\n\nlast 漢');
  for (let size = 1; size < bytes.length; size += 1) {
    const splitter = new LineSplitter();
    const lines: string[] = [];
    for (let at = 0; at < bytes.length; at += size)
      for (const { text } of splitter.push(bytes.subarray(at, at + size))) lines.push(text);
    for (const { text } of splitter.end()) lines.push(text);
    expect(lines).toEqual(['first é', 'second', '', 'last 漢']);
  }
});

test('a secret across the cut of an over-long line is masked', () => {
  const redactor = new Redactor();
  redactor.add('hunter2secret');
  for (let shift = 0; shift < 15; shift += 1) {
    const splitter = new LineSplitter((bytes, limit) => redactor.cutBefore(bytes, limit));
    const line = Buffer.from(`${'x'.repeat(63_986 + shift)}hunter2secret${'y'.repeat(50)}\n`);
    const pieces = [...splitter.push(line)].map(({ text }) => redactor.redact(text));
    expect(pieces.join('')).toBe(`${'x'.repeat(63_986 + shift)}********${'y'.repeat(50)}`);
  }
});

test('overlapping secrets become one mask', () => {
  const redactor = new Redactor();
  for (const secret of ['abcdef', 'defghi', 'two\nlines', '']) redactor.add(secret);
  expect(redactor.redact('1 abcdefghi 2 two lines two\nlines')).toBe(
    '1 ******** 2 ******** ******** ********',
  );
});

test('a flood of 200,000 lines arrives whole', async () => {
  let lines = 0;
  let last = '';
  await using heard = startSession({
    onLog: ({ content, message }) => {
      if (content !== 'COMMAND_OUTPUT') return;
      lines += 1;
      last = message;
    },
  });
  expect(await heard.session.runTask(task('seq 1 200000'))).toMatchObject({ state: 'SUCCESS' });
  expect({ lines, last }).toEqual({ lines: 200_000, last: '200000' });
});

test('a slow listener slows the action down instead of filling the memory', async () => {
  let inFlight = 0;
  let most = 0;
  let lines = 0;
  await using heard = startSession({
    async onLog({ content }) {
      if (content !== 'COMMAND_OUTPUT') return;
      lines += 1;
      inFlight += 1;
      most = Math.max(most, inFlight);
      await setTimeout(1);
      inFlight -= 1;
    },
  });
  expect(await heard.session.runTask(task(`yes ${'x'.repeat(99)} | head -n 100000`))).toMatchObject({
    state: 'SUCCESS',
  });
  expect(lines).toBe(100_000);
  // One chunk of 64 KiB, and its first line.
  expect(most).toBeLessThanOrEqual(660);
});
