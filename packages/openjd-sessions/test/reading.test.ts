/** Reading output as bytes: what may be in it must neither slow it down nor tell a secret. */
import { expect, test } from 'vitest';

import { decode } from '../src/lines.ts';
import { SessionLog } from '../src/log.ts';
import { OutputReader } from '../src/output-reader.ts';
import { Redactor } from '../src/redaction.ts';

/** What is logged of the output, with these secrets known before. */
function read(output: string, secrets: readonly string[] = []): string[] {
  const redactor = new Redactor();
  for (const secret of secrets) redactor.add(secret);
  const lines: string[] = [];
  const listener = ({ message }: { readonly message: string }) => void lines.push(message);
  const log = new SessionLog({ sessionId: 's', redactor, listener });
  const reader = new OutputReader({ log, redactor, obey: () => undefined });
  void reader.read(Buffer.from(output));
  void reader.end();
  return lines;
}

test.each([40_000, 63_990, 70_000])('a secret of %i letters is not told, not even in part', (length) => {
  const secret = 'y'.repeat(length);
  const shown = read(`${'y'.repeat(length + 30_000)}\nafter\n`, [secret]);
  expect(shown.at(-1)).toBe('after');
  expect(shown.slice(0, -1).join('')).not.toContain('y');
});

test('a secret across the cut of a long line is masked, and what stands around it is shown', () => {
  const secret = 'hunter2'.repeat(20);
  const shown = read(`${'x'.repeat(63_950)}${secret}after`, [secret]);
  expect(shown).toEqual(['x'.repeat(63_950), '********after']);
});

test('a secret that repeats itself costs time in proportion to the output', () => {
  const began = process.cpuUsage();
  const output = `${'y'.repeat(60_000)}\n`.repeat(20);
  expect(new Set(read(output, ['y'.repeat(59_000), `${'y'.repeat(30_000)}z`]))).toEqual(
    new Set(['********']),
  );
  // Of this process alone, in microseconds: what others do on this machine is not counted.
  expect(process.cpuUsage(began).user).toBeLessThan(2_000_000);
});

test('what is no text is shown byte by byte, by the rules of Unicode', () => {
  const cases = [
    [0xe0, 0x80, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xf5, 0x80, 0x80, 0x80],
    [0xc0, 0xaf],
    [0xf0, 0x8f],
  ];
  for (const bytes of cases) {
    const shown = bytes.map((byte) => `\\x${byte.toString(16)}`).join('');
    expect(decode(Buffer.from([...bytes, 0x61]))).toBe(`${shown}a`);
  }
  expect(decode(Buffer.from([0xff, ...Buffer.from('é€💥\ufffd')]))).toBe('\\xffé€💥\ufffd');
});
