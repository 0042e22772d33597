/** Help that belongs to no command. */
import { exitStatuses } from '@pipl/packl';
import { tellThemselves, tried, untried } from './writing.ts';

const meanings: Record<keyof typeof exitStatuses, string> = {
  ok: 'it worked',
  bug: 'a bug in pipl: --debug shows more',
  usage: 'the command was not understood',
  notFound: 'something named is not there',
  conflict: 'it exists already, or is in use',
  auth: 'not logged in, or the password is wrong',
  denied: 'not allowed, or a folder that cannot be written',
  invalid: 'a packl, template or gate is not right',
  unreachable: 'the server or something behind it does not answer',
  taskFailed: 'a task failed',
  timeout: 'it took too long',
  unresolvable: 'no version satisfies what was asked for',
  interrupted: 'interrupted by Ctrl-C',
};

export const topics: Readonly<Record<string, () => { readonly lines: readonly string[] }>> = {
  'exit-codes': () => ({
    lines: Object.entries(exitStatuses).map(
      ([name, status]) => `${String(status).padStart(3)}  ${meanings[name as keyof typeof exitStatuses]}`,
    ),
  }),
  'dry-run': () => ({
    lines: [
      'With -n or --dry-run these say all that they would do, and do nothing of it:',
      ...[...tellThemselves].map((words) => `  pipl ${words}`),
      'These read, check and decide as ever, and say what they would write first:',
      ...[...tried].map((words) => `  pipl ${words}`),
      'These have none:',
      ...Object.entries(untried).map(([words, why]) => `  pipl ${words}: ${why}`),
      'All others only read.',
    ],
  }),
};
