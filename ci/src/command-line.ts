/**
 * The arguments of the server's command. It is started by `@pipl/project`, not typed by people, but its
 * refusals are as plain as any other.
 */
import { parseArgs } from 'node:util';
import { piplError } from '@pipl/packl';

export type ServerCommand =
  | { readonly do: 'serve'; readonly project: string; readonly port?: number; readonly host?: string }
  | { readonly do: 'init'; readonly project: string; readonly pipe?: string; readonly npm?: string };

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
  return {
    do: 'serve',
    project,
    ...(values.port === undefined ? {} : { port: portOf(values.port) }),
    ...(host === undefined ? {} : { host }),
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: { project: text, port: text, host: text, init: { type: 'boolean' }, pipe: text, npm: text },
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
    hint: '--project FOLDER [--port N] [--host H], or --project FOLDER --init [--pipe FILE] [--npm URL]',
  });
