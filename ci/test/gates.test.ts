/** The gates of `.pipl`: what may be written there, and what is taken for a mistake. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readProject } from '../src/project-file.ts';

async function gatesOf(gates: unknown): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'pipl-gates-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, '.pipl'), JSON.stringify({ name: 'film', gates }));
  return readProject(folder).then(
    (settings) => settings.gates,
    ({ code }: { code: string }) => code,
  );
}

test('a gate names checks and people', async () => {
  const gates = {
    'root/PROJ': { checks: true, approval: ['supervisors'] },
    'root/final': { checks: ['frames'], approvals: 2 },
    'root/open': {},
  };
  expect(await gatesOf(gates)).toEqual(gates);
  expect(await gatesOf(undefined)).toEqual({});
});

test('who works alone may approve their own, if the gate says so', async () => {
  const by = ['root'];
  expect(await gatesOf({ 'root/PROJ': { approval: { by, self: true } } })).toEqual({
    'root/PROJ': { approval: by, self: true },
  });
  expect(await gatesOf({ 'root/PROJ': { approval: { by } } })).toEqual({ 'root/PROJ': { approval: by } });
  expect(await gatesOf({ 'root/PROJ': { approval: { by, slef: true } } })).toBe('PIPL_PROJECT_FILE');
});

test('a word misspelt does not leave a gate open', async () => {
  for (const gate of [{ aproval: ['bob'] }, { checks: false }, { approvals: 0 }, { checks: [''] }, true]) {
    expect(await gatesOf({ 'root/PROJ': gate })).toBe('PIPL_PROJECT_FILE');
  }
  expect(await gatesOf({ PROJ: {} })).toBe('PIPL_PROJECT_FILE');
});
