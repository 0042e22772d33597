/**
 * The arguments of the server's command. It is started by `@pipl/project`, not typed by people, but its
 * refusals are as plain as any other.
 */
import { parseArgs } from 'node:util';
import { piplError } from '@pipl/packl';
import type { Tending } from './tend-project.ts';

export type ServerCommand =
  | { readonly do: 'serve'; readonly project: string; readonly port?: number; readonly host?: string }
  | { readonly do: 'init'; readonly project: string; readonly pipe?: string; readonly npm?: string }
  | Tending;

/** @throws PIPL_USAGE */
export function parseCommandLine(args: readonly string[]): ServerCommand {
  const { values } = parse(args);
  const { project, init, pipe, npm, host } = values;
  if (project === undefined) throw usage('--project is missing.');
  if (init) {
    return {
      do: 'init',
      project,
      ...(pipe === undefined ? {} : { pipe }),
      ...(npm === undefined ? {} : { npm }),
    };
  }
  const tending = tendingIn(project, values);
  if (tending !== undefined) return tending;
  return {
    do: 'serve',
    project,
    ...(values.port === undefined ? {} : { port: portOf(values.port) }),
    ...(host === undefined ? {} : { host }),
  };
}

function tendingIn(project: string, values: ReturnType<typeof parse>['values']): Tending | undefined {
  const { fsck, backup, restore, database, blobs } = values;
  if (fsck) {
    return { do: 'fsck', project, readData: values['read-data'] === true, repair: values.repair === true };
  }
  if (backup !== undefined) return { do: 'backup', project, to: backup };
  if (restore === undefined) return undefined;
  const endpoint = values['s3-endpoint'];
  return {
    do: 'restore',
    project,
    from: restore,
    ...(database === undefined ? {} : { database }),
    ...(blobs === undefined
      ? {}
      : { blobs: { address: blobs, ...(endpoint === undefined ? {} : { endpoint }) } }),
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const tending = {
    fsck: flag,
    'read-data': flag,
    repair: flag,
    backup: text,
    restore: text,
    database: text,
    blobs: text,
    's3-endpoint': text,
  } as const;
  try {
    return parseArgs({
      args: [...args],
      options: { project: text, port: text, host: text, init: flag, pipe: text, npm: text, ...tending },
    });
  } catch (cause) {
    throw usage(cause instanceof Error ? cause.message : String(cause));
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw usage(`"${text}" is not a port.`);
}

const usage = (why: string) =>
  piplError('usage', 'PIPL_USAGE', {
    what: 'The server did not understand its arguments.',
    why,
    hint: '--project FOLDER [--port N] [--host H], or with --init, --fsck, --backup TO or --restore FROM',
  });
