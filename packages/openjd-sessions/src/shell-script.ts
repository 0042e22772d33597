/**
 * The shell text that starts actions. Pure: values in, text out.
 *
 * The loop runs in one `/bin/sh` and runs the script `$1` anew for every line it reads. Each script
 * is one subshell that sets the action's variables, says `s <pid>` and becomes the
 * program; the loop then says `e <status>`. What else appears between the two is the
 * shell's own notice that a signal ended the program, which tells a program that
 * exits with 143 from one that was killed.
 *
 * The action runs in the foreground: a background command would start with SIGINT
 * ignored for good. TERM and INT are trapped with `:` so that a signal to the group
 * ends the action and not the loop; traps are not inherited by the program.
 */
import type { ProgramStart } from './action-process.ts';
import type { Variables } from './environment-variables.ts';

export const helperLoop =
  'exec 2>&1; trap : TERM INT; while read -r _openjd_go; do . "$1"; echo "e $?"; done';

/** Names the shell treats in its own way; an action that needs one is started without it. */
const shellsOwn =
  /^(?:IFS|PPID|OPTIND|OPTARG|LINENO|PWD|OLDPWD|SHLVL|_|RANDOM|SECONDS|[EU]?UID|GROUPS|DIRSTACK|FUNCNAME|HISTCMD|HOSTNAME|POSIXLY_CORRECT|SHELLOPTS|BASH.*|_openjd_.*|PS[124])$/;
const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Whether the shell would hand on exactly these variables, and can start this command. */
export function shellCanStart({ command, variables, cwd }: ProgramStart, base: Variables): boolean {
  if (command.startsWith('-')) return false;
  for (const name in variables) {
    if (!identifier.test(name)) return false;
    // It goes there before it starts the program, and says so.
    if (name === 'PWD' && variables[name] === cwd) continue;
    if (variables[name] !== base[name] && shellsOwn.test(name)) return false;
  }
  for (const name in base) if (!(name in variables) && shellsOwn.test(name)) return false;
  return true;
}

export interface Wording {
  /** The variables that the loop was started with. */
  readonly base: Variables;
  readonly platform: NodeJS.Platform;
  /** Whether the shell is to look for the program: only it sees what its user may run. */
  readonly checks: boolean;
}

/** The script of one action. */
export function actionScript(start: ProgramStart, { base, platform, checks }: Wording): string {
  const lines = ['('];
  for (const name in base) if (!(name in start.variables)) lines.push(`unset ${name}`);
  for (const [name, value] of Object.entries(start.variables)) {
    if (base[name] !== value) lines.push(`export ${name}=${quoted(value)}`);
  }
  const words = [start.command, ...start.args].map(quoted).join(' ');
  lines.push(
    ...(platform === 'linux' ? pidFromProc : pidFromChild),
    `cd ${quoted(start.cwd)} || exit 126`,
    'unset OLDPWD',
    ...(checks ? [checkOf(start)] : []),
    'echo "s $_openjd_pid"',
    `exec ${words} </dev/null >${quoted(start.outputPath)} 2>&1`,
    ')',
    '',
  );
  return lines.join('\n');
}

/** A subshell cannot ask for its own pid in POSIX sh; `/proc/self` tells it without another process. */
const pidFromProc = ['cd -P /proc/self/ || exit 126', '_openjd_pid=${PWD#/proc/}'];
const pidFromChild = [`_openjd_pid=$(exec sh -c 'echo $PPID')`];

/** Says why the program cannot be started, instead of `s <pid>`. */
function checkOf({ command, variables }: ProgramStart): string {
  if (!command.includes('/')) {
    const missing = `The command "${command}" was not found in PATH (${variables.PATH ?? ''}).`;
    return `command -v ${quoted(command)} >/dev/null || { echo ${quoted(oneLine(missing))}; exit 127; }`;
  }
  const forbidden = `${command} is no program, or $USER may not execute it; an embedded file needs "runnable: true".`;
  const [before = '', after = ''] = oneLine(forbidden).split('$USER');
  const told = `${quoted(before)}"$(id -un)"${quoted(after)}`;
  const file = quoted(command);
  return `test -f ${file} && test -x ${file} || { echo ${told}; exit 126; }`;
}

const oneLine = (text: string): string => text.replaceAll('\n', ' ');

/** One shell word that stands for exactly this text. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** A command line a person can read and paste; plain words stay bare. */
export const commandLine = (words: readonly string[]): string =>
  words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quoted(word))).join(' ');
