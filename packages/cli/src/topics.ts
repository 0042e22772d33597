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

const start = [
  'A project in five commands:',
  '  pipl proj create ~/weather --template data   # weather data and a model; or short (a film), docs, or none',
  '  cd ~/weather && pipl proj start --detach     # its server, its own npm registry and what reacts to it',
  '  cd workspaces/tasks && pipl publish pipeline source   # types of tasks and products, then tasks and products',
  '  pipl runs -f                                 # what that causes, live',
  '  pipl why @weather/clean                      # why it ran, or what it waits for',
  'Words:',
  '  packl      a package with a `pipl` field: code, a task, a product, an envset, an editor',
  '  product    refers to files too big for a package, and says what made them; asset: one of these files',
  '  task       reads products and makes products; runs by itself when what it reads changes',
  '  index      a registry of the project; one may stand on others, and ask for checks and approval (a gate)',
  '  workspace  a folder where packls are edited; publishing one is a change, what a change causes is a wave',
  'Every day:',
  '  artist     pipl work create, packl edit, asset add, packl bump, publish --dry-run, publish, packl log',
  '  producer   pipl runs, waves, why, approve, retake, lineage, open',
  '  wrangler   pipl runs --state failed, logs, run retry, run cancel, doctor, proj backup, proj gc, fsck',
  '  TD         pipl packl create, packl check, task create, plan, resolve, diff, run reproduce, config explain',
  '`pipl` alone says where you are and what is useful next; docs/guides has a guide for each of these.',
];

export const topics: Readonly<Record<string, () => { readonly lines: readonly string[] }>> = {
  start: () => ({ lines: start }),
  topics: () => ({
    lines: Object.entries({
      start: 'first commands, words, who types what',
      'exit-codes': 'what a status means',
      'dry-run': 'what can be tried before it is done',
    }).map(([name, about]) => `  pipl help ${name.padEnd(12)} ${about}`),
  }),
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
