/** `pipl proj start [PATH]`: in the foreground as the original does, or with --detach in the background. */
import { listWorkspaces, runServer, serverStatus, startServer } from '@pipl/project';
import type { Context, DefineCommand, Open } from './context.ts';
import { serverCommand } from './house.ts';
import { wholeNumber } from './numbers.ts';
import { projectAt } from './opening.ts';

interface Options {
  readonly detach?: true;
  readonly port?: number;
  readonly host?: string;
}

const emptyPassword =
  "Root's password is empty, so it listens on this machine only. Set one: pipl proj user set root --password-stdin";

export const command: DefineCommand = (into, context) =>
  into
    .argument('[path]', 'the project; else the one you stand in')
    .option('-d, --detach', 'return when the server answers')
    .option('--port <port>', 'listen here instead', wholeNumber)
    .option('--host <host>', 'listen on this address instead')
    .action(async (path: string | undefined, { detach, port, host }: Options) => {
      const { terminal } = context;
      const project = await projectAt(context, path);
      const options = { serverCommand: serverCommand(), port, host };
      if (detach === true) {
        const started = await startServer(project, options);
        terminal.say(started, ({ url, already }) => [
          `${project.name} ${already ? 'is already' : 'is'} served at ${url}`,
        ]);
        terminal.note(`Next: ${await nextStep(project)}`);
        return;
      }
      const onReady = (url: string) => {
        terminal.piece({ url }, () => [`${project.name} is served at ${url}`]);
        terminal.note(
          `Look at ${url} in a browser (what changes), at ${url.replace(/\/$/, '')}/${project.defaultIndex}/ (the packls), or at: pipl status`,
        );
        void tellPassword(context, project);
        terminal.note('Ctrl-C stops it.');
      };
      await runServer(project, { ...options, onReady, onLog: (text) => terminal.note(text.trimEnd()) });
    });

/** A project that was made from a template has workspaces already. */
async function nextStep(project: Open['project']): Promise<string> {
  const [first] = await listWorkspaces(project);
  return first === undefined ? 'pipl work create NAME' : `cd ${first.path} && pipl`;
}

/** Beside the server, whose own end says more than that it could not be asked. */
async function tellPassword({ terminal }: Context, project: Open['project']): Promise<void> {
  try {
    if ((await serverStatus(project)).rootPasswordEmpty === true) terminal.note(emptyPassword);
  } catch (error) {
    terminal.warn(`The server does not say how it is: ${String(error)}`);
  }
}
