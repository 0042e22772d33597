/**
 * The environment of everything that runs code of packls: small, the same on every machine, without secrets.
 *
 * From this process only what a program needs to find its user, its language and its temporary files; then
 * our own Node and the bins of the tree first on the PATH. Pure.
 */
import { delimiter, dirname, join } from 'node:path';

const inherited = /^(?:HOME|USER|LOGNAME|LANG|LC_\w+|TZ|TMPDIR|TMP|TEMP|SystemRoot)$/;
const systemPath = ['/usr/local/bin', '/usr/bin', '/bin'];

/** The variable that marks every process of an attempt; the engine ends by it what outlived its runner. */
export const attemptVariable = 'PIPL_ATTEMPT';

export interface JobEnvironment {
  readonly attempt: string;
  /** the Node that jobs find */
  readonly node: string;
  /** root of the installed tree; undefined for a task without code */
  readonly tree: string | undefined;
  readonly own: NodeJS.ProcessEnv;
}

export function jobEnvironment({ attempt, node, tree, own }: JobEnvironment): Record<string, string> {
  const kept = Object.entries(own).flatMap(([name, value]) =>
    value !== undefined && inherited.test(name) ? [[name, value] as const] : [],
  );
  const bins = tree === undefined ? [] : [join(tree, 'node_modules', '.bin')];
  const path = [dirname(node), ...bins, ...pathOf(own).split(delimiter)];
  return {
    ...Object.fromEntries(kept),
    PATH: [...new Set(path)].join(delimiter),
    [attemptVariable]: attempt,
    // A bin of the tree resolves to its place in pnpm's store, from where the tree cannot be found.
    ...(tree === undefined ? {} : { PIPL_TREE: tree }),
  };
}

/** The PATH of the machine, before anything of ours. */
export function pathOf(own: NodeJS.ProcessEnv): string {
  const folders = (own['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return (folders.length > 0 ? folders : systemPath).join(delimiter);
}

/** As changes for a session, which starts from this process's own variables: null removes one. */
export const asChanges = (
  variables: Readonly<Record<string, string>>,
  own: NodeJS.ProcessEnv,
): Record<string, string | null> => ({
  ...Object.fromEntries(Object.keys(own).map((name) => [name, null])),
  ...variables,
});
