#!/usr/bin/env node
/**
 * The server's command: `serve.ts --project FOLDER` in the foreground, `--init` to make a new project's
 * database, or what is done to a project whose server does not run: `--fsck`, `--backup`, `--restore`, each with
 * its result as JSON on stdout. `@pipl/project` starts it.
 *
 * Says `ready URL` on stdout once it answers. A refusal is an ErrorBody as JSON on the last line of stderr,
 * with its exit status. SIGTERM and SIGINT end it after what it is doing.
 */
import { PiplError, piplError } from '@pipl/packl';
import { inDiskWords } from '@pipl/registry';
import { parseCommandLine } from './command-line.ts';

async function main(args: readonly string[]): Promise<void> {
  const command = parseCommandLine(args);
  if (command.do === 'init') {
    const { initProject } = await import('./init-project.ts');
    await initProject(command);
    return;
  }
  if (command.do !== 'serve') {
    const { tendProject } = await import('./tend-project.ts');
    process.stdout.write(`${JSON.stringify(await tendProject(command))}\n`);
    return;
  }
  const { serveProject } = await import('./serve-project.ts');
  const server = await serveProject({ ...command, onFatal: fail });
  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    stopping ??= server.close().then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.stdout.write(`ready ${server.url}\n`);
  // npm's side of the registry takes a second to load, during which nothing is answered: not while somebody waits
  // for the server to come up, and before somebody asks for a package.
  setTimeout(() => void server.registry.warm().catch(fail), 500).unref();
}

/** @param thrown what the server cannot go on with */
function fail(thrown: unknown): never {
  const error = inDiskWords(thrown);
  const known =
    error instanceof PiplError
      ? error
      : piplError('usage', 'PIPL_SERVER_BUG', {
          what: 'The server stopped because of a bug or a broken disk.',
          why: error instanceof Error ? error.message : String(error),
          hint: 'system/run/server.log has the whole story; `pipl proj start` starts it again.',
        });
  if (!(error instanceof PiplError)) console.error(error);
  process.stderr.write(`${JSON.stringify(known)}\n`);
  process.exit(error instanceof PiplError ? known.exitStatus : 1);
}

main(process.argv.slice(2)).catch(fail);
