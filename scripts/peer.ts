/**
 * Peers of benchmarks: each is installed once into `.tools` by its own package manager. What cannot be installed here
 * is missing, with the reason.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';

export interface Peer {
  readonly name: string;
  /** absent when it could not be installed */
  readonly program?: string;
  readonly why?: string;
}

export const tools = resolve(import.meta.dirname, '../.tools');

/** @param install says why it failed; undefined when it did not */
export function peer(name: string, program: string, install: () => string | undefined): Peer {
  if (existsSync(program)) return { name, program };
  process.stderr.write(`Installing ${name} into .tools; this takes minutes, once …\n`);
  mkdirSync(tools, { recursive: true });
  const why = install();
  if (why === undefined && existsSync(program)) return { name, program };
  process.stderr.write(`${name} is missing: ${why ?? 'it was not installed'}\n`);
  return { name, why: why ?? 'it was not installed' };
}

/** Why it failed; undefined when it did not. */
export function run(file: string, args: readonly string[]): string | undefined {
  const { error, status, stderr } = spawnSync(file, args, { encoding: 'utf8' });
  if (error) return `${file} cannot be started`;
  return status === 0 ? undefined : `${file} ended with ${status}: ${stderr.trim().split('\n').at(-1)}`;
}
