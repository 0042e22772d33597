/** The version of this package: written in by the build, else read from its package.json. */
import { readFileSync } from 'node:fs';

declare const PIPL_VERSION: string | undefined;

export const version: string =
  typeof PIPL_VERSION === 'string'
    ? PIPL_VERSION
    : (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string })
        .version;
