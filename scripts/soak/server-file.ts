/** The server as it is shipped: `node packages/cli/build.mjs` has built it. */
import { resolve } from 'node:path';

export const serverFile = resolve(import.meta.dirname, '../../packages/cli/dist/serve.mjs');
export const serverCommand: readonly string[] = [process.execPath, serverFile];
