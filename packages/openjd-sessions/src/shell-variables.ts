/**
 * The variables that a shell was started with, and the shell text that makes others of them. Pure, but for its
 * memory: tasks of a session get the same object until something changes, so the last answer often holds again.
 */
import type { Variables } from './environment-variables.ts';
import { quoted } from './shell-words.ts';

/** Names the shell treats in its own way; an action that needs one is started without it. */
const shellsOwn =
  /^(?:IFS|PPID|OPTIND|OPTARG|LINENO|PWD|OLDPWD|SHLVL|_|RANDOM|SECONDS|[EU]?UID|GROUPS|DIRSTACK|FUNCNAME|HISTCMD|HOSTNAME|POSIXLY_CORRECT|SHELLOPTS|BASH.*|_openjd_.*|PS[124])$/;
const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

interface Wanted {
  readonly variables: Readonly<Variables>;
  /** Where the program starts: the shell goes there, and says so in `PWD`. */
  readonly cwd: string;
}

export class ShellVariables {
  readonly base: Readonly<Variables>;
  #last: (Wanted & { readonly changes: string | undefined }) | undefined;

  constructor(base: Readonly<Variables>) {
    this.base = base;
  }

  /** Lines that make exactly these variables; undefined when the shell would not hand them on so. */
  changesTo(wanted: Wanted): string | undefined {
    const last = this.#last;
    if (last?.variables === wanted.variables && last.cwd === wanted.cwd) return last.changes;
    const changes = canHandOn(wanted, this.base) ? changesFrom(this.base, wanted.variables) : undefined;
    this.#last = { ...wanted, changes };
    return changes;
  }
}

function canHandOn({ variables, cwd }: Wanted, base: Readonly<Variables>): boolean {
  for (const name in variables) {
    if (!identifier.test(name)) return false;
    // It goes there before it starts the program, and says so.
    if (name === 'PWD' && variables[name] === cwd) continue;
    if (variables[name] !== base[name] && shellsOwn.test(name)) return false;
  }
  for (const name in base) if (!(name in variables) && shellsOwn.test(name)) return false;
  return true;
}

function changesFrom(base: Readonly<Variables>, variables: Readonly<Variables>): string {
  let lines = '';
  for (const name in base) if (!(name in variables)) lines += `unset ${name}\n`;
  for (const [name, value] of Object.entries(variables))
    if (base[name] !== value) lines += exported(name, value);
  return lines;
}

/** A line that sets a variable for the program. */
export const exported = (name: string, value: string): string => `export ${name}=${quoted(value)}\n`;
