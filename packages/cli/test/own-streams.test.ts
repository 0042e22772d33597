/** What a command prints arrives whole and in order, however slowly it is read; whoever stopped reading is no error. */
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const own = fileURLToPath(new URL('../src/own-streams.ts', import.meta.url));
const printing = (lines: number) => `
  const { ownStreams } = await import(${JSON.stringify(own)});
  const { out, err } = ownStreams();
  for (let at = 0; at < ${lines}; at++) out.write(at + ' '.repeat(1000) + '\\n');
  err.write('said ' + ${lines} + '\\n');
`;
const node = (code: string) => [process.execPath, '--input-type=module', '-e', code] as const;
const numbers = (text: string) => text.trimEnd().split('\n').map(Number);

test('a reader that pauses gets every line, in order', async () => {
  const [file, ...args] = node(printing(5_000));
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const piece of child.stdout) {
    if (text === '') await new Promise((resolve) => setTimeout(resolve, 50)); // its pipe fills up meanwhile
    text += String(piece);
  }
  expect(numbers(text)).toEqual(Array.from({ length: 5_000 }, (_, at) => at));
});

test('a pipe that somebody made non-blocking gets every line, too', () => {
  // Reading starts when the writer has long met EAGAIN.
  const script = `
    import { openSync, readSync, constants, closeSync, mkdtempSync, rmSync } from 'node:fs';
    import { execFileSync, spawn } from 'node:child_process';
    import { join } from 'node:path';
    import { tmpdir } from 'node:os';
    const folder = mkdtempSync(join(tmpdir(), 'pipl-fifo-'));
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const reading = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    const writing = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
    const child = spawn(process.execPath, ['--input-type=module', '-e', process.argv[1]], { stdio: ['ignore', writing, 'pipe'] });
    closeSync(writing);
    let ended = false;
    child.once('close', () => (ended = true));
    const parts = [];
    const buffer = Buffer.alloc(65536);
    const drain = () => {
      try { for (;;) parts.push(Buffer.from(buffer.subarray(0, readSync(reading, buffer)))); }
      catch (error) { if (error.code !== 'EAGAIN') throw error; }
      if (!ended) return setTimeout(drain, 5);
      process.stdout.write(Buffer.concat(parts).toString().trimEnd().split('\\n').map((line, at) => Number(line) === at ? 1 : 0).reduce((a, b) => a + b, 0) + '');
      rmSync(folder, { recursive: true });
    };
    setTimeout(drain, 300);
  `;
  const [file, ...args] = node(script);
  const ended = spawnSync(file, [...args, printing(2_000)], { encoding: 'utf8' });
  expect([ended.stdout, ended.stderr]).toEqual(['2000', '']);
});

test('whoever stops reading ends the command, without a word', () => {
  const [file, ...args] = node(printing(5_000));
  const line = `"$0" "$@" | head -n 1; echo "$PIPESTATUS"`;
  const ended = spawnSync('bash', ['-c', line, file, ...args], { encoding: 'utf8' });
  expect([ended.stdout.split(/\s+/), ended.stderr]).toEqual([['0', '0', ''], '']);
});
