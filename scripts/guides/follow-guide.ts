/** Follows a guide as a reader would: in one shell, in an empty folder, command by command. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { missingLine, type Act } from './read-guide.ts';

const bundle = process.env['PIPL_CLI'] ?? resolve(import.meta.dirname, '../../packages/cli/dist/pipl.mjs');
/** milliseconds that a guide may take */
const longest = 180_000;
const mark = '\u0001';

/**
 * @param folder an empty one @returns what went otherwise than the guide says, one line each
 */
export async function followGuide(acts: readonly Act[], folder: string): Promise<string[]> {
  const bin = join(folder, '.bin');
  const home = join(folder, '.home');
  const place = join(folder, 'here');
  for (const made of [bin, home, place]) await mkdir(made);
  const command = join(bin, 'pipl');
  await writeFile(command, `#!/bin/sh\nexec '${process.execPath}' '${bundle}' "$@"\n`);
  await chmod(command, 0o755);
  const shell = spawn('bash', ['--noprofile', '--norc', '-s'], {
    cwd: place,
    env: {
      ...process.env,
      HOME: home,
      PIPL_CHECKOUT: resolve(import.meta.dirname, '../..'),
      PATH: [bin, dirname(process.execPath), process.env['PATH']].join(delimiter),
      NO_COLOR: '1',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  // A guide that waits for what never comes must not wait on after its test.
  const patience = setTimeout(() => process.kill(-shell.pid!, 'SIGKILL'), longest);
  const closed = once(shell, 'close');
  shell.stdin.end(scriptOf(acts));
  const output = await text(shell.stdout);
  await closed;
  clearTimeout(patience);
  return complaints(acts, output);
}

const scriptOf = (acts: readonly Act[]): string =>
  `exec 2>&1\n${acts
    .map((act) =>
      act.is === 'command'
        ? `${act.command}\nprintf '${mark}%s${mark}' $?\n`
        : `mkdir -p "$(dirname '${act.path}')" && cat > '${act.path}' <<'PIPL_GUIDE'\n${act.text}PIPL_GUIDE\n`,
    )
    .join('')}`;

function complaints(acts: readonly Act[], output: string): string[] {
  const said = output.split(mark);
  const commands = acts.filter((act) => act.is === 'command');
  return commands.flatMap(({ line, command, prints }, at) => {
    const [printed = '', status] = [said[at * 2], said[at * 2 + 1]];
    const shown = `line ${line}: $ ${command}`;
    if (status === undefined) return [`${shown}\nwas not reached`];
    const mustFail = prints.some((one) => one.startsWith('error:'));
    if ((status !== '0') !== mustFail) return [`${shown}\nended with ${status}:\n${printed}`];
    const missing = missingLine(prints, printed);
    return missing === undefined ? [] : [`${shown}\ndid not print "${missing}" but:\n${printed}`];
  });
}
