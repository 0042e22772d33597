/**
 * How to start a runner: the bundle beside this file when the server itself is bundled, else the source.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export function runnerCommand(): string[] {
  // Beside this file, or above it when this one became part of a chunk.
  for (const place of ['./runner.mjs', '../runner.mjs']) {
    const bundled = fileURLToPath(new URL(place, import.meta.url));
    if (existsSync(bundled)) return [process.execPath, bundled];
  }
  return [process.execPath, fileURLToPath(import.meta.resolve('@pipl/runner/main'))];
}
