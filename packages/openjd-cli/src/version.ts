/** The version of this package: written in by the build, else read from its package.json. */
import { readFileSync } from 'node:fs';

declare const OPENJD_CLI_VERSION: string | undefined;

export const version: string =
  typeof OPENJD_CLI_VERSION === 'string'
    ? OPENJD_CLI_VERSION
    : (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string })
        .version;
