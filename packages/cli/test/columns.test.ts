import { expect, test } from 'vitest';
import { inColumns } from '../src/columns.ts';
import { openTerminal } from '../src/terminal.ts';

const list = ['root/PROJ\tpromotion, and nothing else', 'a/b\tchecks\t3 waiting', 'nothing more'];

test('columns stand below each other; what is last in a line takes no room', () => {
  expect(inColumns(list)).toEqual([
    'root/PROJ  promotion, and nothing else',
    'a/b        checks  3 waiting',
    'nothing more',
  ]);
});

test('colours take no room', () => {
  const [red, plain] = inColumns(['\u001B[31mx\u001B[39m\tone', 'three\ttwo']);
  expect(red).toBe('\u001B[31mx\u001B[39m      one');
  expect(plain).toBe('three  two');
});

test('a person sees columns, a pipe gets tabs', () => {
  const said = (isTTY: boolean) => {
    let text = '';
    const stream = { isTTY, write: (some: string | Uint8Array) => (text += String(some)) };
    const options = { json: false, quiet: false, debug: false, color: false };
    openTerminal(options, { out: stream, err: stream }).say(list, (lines) => lines);
    return text;
  };
  expect(said(false)).toBe(`${list.join('\n')}\n`);
  expect(said(true)).toBe(`${inColumns(list).join('\n')}\n`);
});
