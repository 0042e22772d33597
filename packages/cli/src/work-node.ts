/**
 * `pipl work node`: Node's prompt in a workspace, with `pipl` (the framework), `services` and `task` (the manifest of
 * the packl one stands in) at hand. The original's `work py`.
 */
import { findWorkspace, packlPath, workspaceEnvironment } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { runHere } from './run-here.ts';

/** What it runs: what is at hand is there before the first prompt; without the framework it says what is missing. */
const program = `
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { start } from 'node:repl';
import { pathToFileURL } from 'node:url';
const task = await readFile('package.json', 'utf8').then(JSON.parse, () => undefined);
let pipl;
try {
  const found = createRequire(process.cwd() + '/package.json').resolve('@pipl/pipe');
  pipl = await import(pathToFileURL(found).href);
} catch {
  console.error('@pipl/pipe is not installed here: pipl work sync brings it.');
}
const prompt = start({ prompt: process.env.PIPL_PROMPT + '> ' });
Object.assign(prompt.context, { pipl, services: pipl?.services, task });
prompt.on('exit', () => process.exit());`;

export const command: DefineCommand = (into, context) =>
  into.action(async () => {
    const { where, terminal } = context;
    const workspace = await findWorkspace(where);
    const env = await workspaceEnvironment(workspace, { from: where.from });
    const cwd = (await packlPath(where)) ?? workspace.path;
    terminal.note(
      `Node ${process.versions.node} in ${workspace.name}: pipl, services and task are there; .exit leaves it.`,
    );
    const words = [process.execPath, '--input-type=module', '--eval', program];
    process.exitCode = await runHere(words, { cwd, env });
  });
