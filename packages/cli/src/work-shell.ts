/** `pipl work shell`: the person's own shell, here, with the workspace's programs first on the PATH. */
import { basename } from 'node:path';
import { findWorkspace, inWorkspace, listCommands, packlPath } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { pathFrom } from './opening.ts';
import { runHere } from './run-here.ts';
import { shellCommand } from './shell-command.ts';
import { withCommands } from './shell-commands.ts';

export const command: DefineCommand = (into, context) =>
  into.argument('[path]', 'the workspace; else the one you stand in').action(async (path?: string) => {
    const from = path === undefined ? context.where.from : pathFrom(context, path);
    const workspace = await findWorkspace(path === undefined ? context.where : { from, env: {} });
    const packl = await packlPath({ from });
    const offered = await listCommands({ workspace: workspace.path, packl });
    const say = (line: string) => context.terminal.note(line);
    process.exitCode = await inWorkspace(workspace, { from, say }, (env) => {
      context.terminal.note(`You are in ${workspace.name}; exit leaves it.`);
      return runHere(shellCommand(env), {
        cwd: from,
        env: { ...withCommands(workspace.path, env, offered), ...promptOf(env) },
      });
    });
  });

/** Shells that take their prompt from the environment show it; the others have PIPL_PROMPT to use. */
function promptOf(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const prompt = env['PIPL_PROMPT'] ?? '';
  const shell = basename(env['SHELL'] || 'sh');
  if (shell === 'zsh') return { PROMPT: `${prompt}%# ` };
  if (shell !== 'bash') return { PS1: `${prompt}$ ` };
  // What bash reads at its start sets PS1 again; this runs after that, and keeps whatever prompt is there.
  const before = env['PROMPT_COMMAND'] ? `; ${env['PROMPT_COMMAND']}` : '';
  const ours = `case "$PS1" in *"$PIPL_PROMPT"*) ;; *) PS1="$PIPL_PROMPT$PS1" ;; esac`;
  return { PS1: `${prompt}$ `, PROMPT_COMMAND: `${ours}${before}` };
}
