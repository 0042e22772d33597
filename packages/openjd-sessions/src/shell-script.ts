/**
 * The shell text that starts actions. Pure: values in, text out.
 *
 * A loop runs in one `/bin/sh`. For every order, a line that it reads, a subshell runs the script `$1`: it sets the
 * action's variables, says `s <pid>` and becomes the program; the loop then says `e <status>`. What
 * else appears between the two is the shell's own notice that a signal ended the program, which tells a program
 * that exits with 143 from one that was killed.
 *
 * The action runs in the foreground: a background command would start with SIGINT
 * ignored for good. The loop ignores TERM and INT, so that a signal to the group ends the action and not
 * the loop; the program gets them as they were.
 */
import type { ProgramStart } from './action-process.ts';
import { exported } from './shell-variables.ts';
import type { ShellVariables } from './shell-variables.ts';
import { quoted } from './shell-words.ts';

const deaf = `exec 2>&1; trap '' TERM INT`;

/** A subshell cannot ask for its own pid in POSIX sh; Linux tells it without another process. */
const ownPid = `cd -P /proc/self/ 2>/dev/null && _openjd_pid=\${PWD#/proc/} || _openjd_pid=$(exec sh -c 'echo $PPID')`;

const becomeTheAction = `exec </dev/null; trap - TERM INT; . "$1"`;

/** Begins a subshell for every order. It does not care what the order says. */
export const plainLoop = `${deaf}
while read -r _openjd_order; do
  (
    ${ownPid}
    ${becomeTheAction}
  )
  echo "e $?"
done`;

/**
 * Begins the subshell before its order comes, so that no action waits for a fork. Orders are counted: one that
 * was meant for a subshell that somebody killed is still there to be read, and must not start the action of a later
 * turn. When no more orders can come the subshell has the loop end (HUP), which no `$?` could ask for.
 */
export const readyLoop = `${deaf}; trap exit HUP
_openjd_turn=0
while :; do
  (
    ${ownPid}
    _openjd_order=
    until [ "$_openjd_order" = "$_openjd_turn" ]; do
      read -r _openjd_order || { kill -HUP $$; exit; }
    done
    ${becomeTheAction}
  )
  echo "e $?"
  _openjd_turn=$((_openjd_turn + 1))
done`;

/** Whether a shell with these variables would hand on exactly those, and can start this command. */
export const shellCanStart = (start: ProgramStart, variables: ShellVariables): boolean =>
  !start.command.startsWith('-') && variables.changesTo(start) !== undefined;

export interface Wording {
  /** Lines that set its variables. */
  readonly changes: string;
  /** Whether the shell is to look for the program: only it sees what its user may run. */
  readonly checks: boolean;
}

/** The script of one action. */
export function actionScript(start: ProgramStart, { changes, checks }: Wording): string {
  let script = changes;
  for (const [name, value] of Object.entries(start.added)) script += exported(name, value);
  script += `cd ${quoted(start.cwd)} || exit 126\nunset OLDPWD\n`;
  if (checks) script += `${checkOf(start)}\n`;
  const words = [start.command, ...start.args].map(quoted).join(' ');
  return `${script}echo "s $_openjd_pid"\nexec ${words} >${quoted(start.outputPath)} 2>&1\n`;
}

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
