/**
 * Removes what a run worked in. Little goes at once, without a trip to another thread for each file; much goes
 * bit by bit, so that another run of this process is not held up.
 */
import { readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';

const little = 500;

/** @throws the errors of the file system */
export async function removeScratch(folder: string): Promise<void> {
  const entries = readdirSync(folder, { recursive: true });
  if (entries.length <= little) rmSync(folder, { recursive: true, force: true });
  else await rm(folder, { recursive: true, force: true });
}
