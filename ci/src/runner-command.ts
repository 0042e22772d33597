/**
 * How to start a runner: the bundle beside this file when the server itself is bundled, else the source.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export function runnerCommand(): string[] {
  const bundled = fileURLToPath(new URL('./runner.mjs', import.meta.url));
  if (existsSync(bundled)) return [process.execPath, bundled];
  return [process.execPath, fileURLToPath(import.meta.resolve('@pipl/runner/main'))];
}
