/**
 * The command line of `openjd` as data: which command takes what. Parsing and help read this table and
 * nothing else. Names and meanings are those of the reference command line (openjd-cli on PyPI).
 */
import { implementedExtensions } from '@pipl/openjd-model';
export interface Option {
  /** The first is the key of its values. */
  readonly names: readonly string[];
  /** How the value is written; an option without one is a switch. */
  readonly value?: string;
  readonly about: string;
  readonly choices?: readonly string[];
  readonly repeatable?: true;
  readonly integer?: true;
  readonly required?: true;
  /** Of options with the same group at most one may be given. */
  readonly group?: string;
}

export interface CommandLine {
  readonly usage: string;
  readonly about: string;
  /** The one positional argument, if it takes one. */
  readonly path?: string;
  readonly options: readonly Option[];
}

export const specificationVersions = ['jobtemplate-2023-09', 'environment-2023-09'] as const;

const help: Option = { names: ['--help', '-h'], about: 'Show this help and exit.' };
const output: Option = {
  names: ['--output'],
  value: '{human-readable,json,yaml}',
  choices: ['human-readable', 'json', 'yaml'],
  about: 'How to print the result.',
};
const extensions: Option = {
  names: ['--extensions'],
  value: 'EXTENSIONS',
  repeatable: true,
  about: `Comma-separated names of the extensions that templates may ask for; an empty text allows none. All unless set: ${implementedExtensions.join(', ')}.`,
};
const jobParameters: Option = {
  names: ['--job-param', '-p'],
  value: 'KEY=VALUE | file://PATH | \'{"KEY": "VALUE", ...}\'',
  repeatable: true,
  about:
    'Values of job parameters: one, or those of a JSON or YAML file, or of inline JSON. Given more than once, later ones win.',
};
const template = 'The path to the template file.';

const run: readonly Option[] = [
  output,
  jobParameters,
  { names: ['--step'], value: 'STEP_NAME', about: 'Run tasks of this step; else all steps of the job.' },
  {
    names: ['--task-param', '-tp', '-t'],
    value: 'PARAM=VALUE',
    repeatable: true,
    group: 'tasks',
    about:
      'Run one task with this value of one of its parameters. Give it once for each task parameter. Not with --tasks or --maximum-tasks.',
  },
  {
    names: ['--tasks'],
    value: 'file://PATH | \'[{"PARAM": "VALUE", ...}, ...]\'',
    group: 'tasks',
    about:
      'Run these tasks: a list of maps from parameters to values, in a JSON or YAML file or inline JSON. Not with --task-param or --maximum-tasks.',
  },
  {
    names: ['--maximum-tasks'],
    value: 'COUNT',
    integer: true,
    group: 'tasks',
    about: 'Run at most this many tasks of the step. Not with --task-param or --tasks.',
  },
  { names: ['--run-dependencies'], about: 'First run what the step depends on, directly or not.' },
  { names: ['--no-run-dependencies'], about: 'Run the step alone. This is so unless set.' },
  {
    names: ['--path-mapping-rules'],
    value: 'JSON | file://PATH',
    about: 'Path mapping rules, as pathmapping-1.0 has them.',
  },
  {
    names: ['--environment', '--env'],
    value: 'PATH',
    repeatable: true,
    about: 'An environment template to enter around the job. Given more than once: in this order.',
  },
  { names: ['--preserve'], about: "Keep the session's working directory." },
  { names: ['--verbose'], about: 'Log more.' },
  {
    names: ['--timestamp-format'],
    value: '{relative,local,utc}',
    choices: ['relative', 'local', 'utc'],
    about: 'How to write the times of log lines.',
  },
  extensions,
  { ...help, about: 'Show this help; with a template, also that of its job and parameters.' },
];

export const commandLines = {
  check: {
    usage: 'openjd check JOB_TEMPLATE_PATH [arguments]',
    about: 'Check a template for mistakes.',
    path: template,
    options: [output, extensions, help],
  },
  summary: {
    usage: 'openjd summary JOB_TEMPLATE_PATH [arguments]',
    about: 'Summarise the job that a template makes, or one of its steps.',
    path: template,
    options: [
      output,
      jobParameters,
      { names: ['--step'], value: 'STEP_NAME', about: 'Summarise this step.' },
      extensions,
      help,
    ],
  },
  run: {
    usage: 'openjd run JOB_TEMPLATE_PATH [arguments]',
    about: 'Run a job, or a step of it, on this machine.',
    path: template,
    options: run,
  },
  schema: {
    usage: 'openjd schema --version VERSION [arguments]',
    about: 'Print the JSON Schema of templates.',
    options: [
      output,
      {
        names: ['--version'],
        value: 'VERSION',
        required: true,
        choices: specificationVersions,
        about: `The version of the specification: ${specificationVersions.join(' or ')}.`,
      },
      help,
    ],
  },
} as const satisfies Record<string, CommandLine>;

export type CommandName = keyof typeof commandLines;

export const isCommandName = (name: string): name is CommandName => Object.hasOwn(commandLines, name);
