/** What is in a file, or which names a folder has, on disk before anybody is told. */
import { closeSync, fsync as fsyncCallback, openSync } from 'node:fs';
import { promisify } from 'node:util';

const fsync = promisify(fsyncCallback);

/**
 * Opens without leaving this turn, because a trip to another thread takes longer; the wait for the disk never blocks.
 * @throws the errors of the file system
 */
export async function syncPath(path: string): Promise<void> {
  const descriptor = openSync(path, 'r');
  try {
    await fsync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
