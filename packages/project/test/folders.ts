/** Folders for tests: written from a literal, hashed to see whether anything changed. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface TestFolder extends Disposable {
  readonly path: string;
  at(...names: string[]): string;
  write(files: Readonly<Record<string, string | object>>): void;
}

/** A folder of its own, removed when the test ends. */
export function testFolder(files: Readonly<Record<string, string | object>> = {}): TestFolder {
  const path = mkdtempSync(join(tmpdir(), 'pipl-test-'));
  const folder: TestFolder = {
    path,
    at: (...names) => join(path, ...names),
    write(more) {
      for (const [name, content] of Object.entries(more)) {
        mkdirSync(dirname(join(path, name)), { recursive: true });
        writeFileSync(
          join(path, name),
          typeof content === 'string' ? content : JSON.stringify(content, null, 2),
        );
      }
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
  folder.write(files);
  return folder;
}

/** Changes when a path, a mode or a byte below the folder changes. */
export function hashOf(folder: string): string {
  const hash = createHash('sha256');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  for (const name of names) {
    const { mode } = statSync(join(folder, name));
    hash.update(`${name}\0${mode}\0`);
    if ((mode & 0o170000) === 0o100000) hash.update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex');
}
