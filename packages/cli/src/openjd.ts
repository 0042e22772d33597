/**
 * `pipl openjd check|summary|run|schema`: the commands of `openjd`, inside pipl's contract: errors on stderr with
 * an exit status that says what kind, `--json` for one document. Which arguments they take is theirs to say.
 */
import { resolve } from 'node:path';
import {
  documentOfReport,
  listenForSignals,
  perform,
  printed,
  UsageFault,
  type CommandName,
  type Fault,
  type Report,
} from '@pipl/openjd-cli';
import { PiplError, piplError, type ErrorKind } from '@pipl/packl';
import type { DefineCommand } from './context.ts';
import { Interrupted } from './interrupt.ts';

const kinds: Record<Exclude<Fault, 'interrupted'>, ErrorKind> = {
  usage: 'usage',
  missing: 'notFound',
  invalid: 'invalid',
  failed: 'taskFailed',
};

export const openjd =
  (name: CommandName): DefineCommand =>
  (into, context) =>
    into
      .argument('[arguments...]', `as openjd ${name} takes them: see pipl openjd ${name} --help`)
      .allowUnknownOption()
      .helpOption(false)
      .action(async (args: readonly string[]) => {
        const { terminal, where } = context;
        const { stops, forget } = listenForSignals();
        const write = terminal.json ? undefined : (text: string) => terminal.raw(text);
        const around = { cwd: resolve(where.from), write, stops };
        const { report, output } = await perform(name, args, around)
          .catch((error: unknown) => {
            throw error instanceof UsageFault ? usageError(error) : error;
          })
          .finally(forget);
        if (report.status === 'error') throw errorOf(report, (line) => terminal.note(line));
        const text = terminal.json ? '' : await printed(report, output);
        terminal.say(documentOfReport(report), () => text.trimEnd().split('\n'));
      });

const advice: Record<Exclude<Fault, 'interrupted'>, { readonly why: string; readonly hint: string }> = {
  usage: { why: 'The command takes it in another form.', hint: 'Add --help to see all arguments.' },
  missing: { why: 'Paths are seen from the folder you stand in.', hint: 'Look at the spelling.' },
  invalid: {
    why: 'It does not follow the Open Job Description specification.',
    hint: 'Every problem is listed above, with its place.',
  },
  failed: { why: 'An action of the job did not end well.', hint: 'Its log is above.' },
};

/** A list of problems does not fit into the three lines of an error: it stands above them. */
function errorOf(report: Report, note: (line: string) => void): Error {
  const { message, fault = 'failed', text = message } = report;
  if (fault === 'interrupted') return new Interrupted();
  const [what = '', ...problems] = message.split('\n');
  if (problems.length > 0 || text !== message) note(text);
  const code = `PIPL_OPENJD_${fault.toUpperCase()}`;
  const said = { message: what.replace(/^ERROR: /, ''), ...advice[fault] };
  return new PiplError({ code, kind: kinds[fault], ...said, problems });
}

const usageError = (error: UsageFault): PiplError =>
  piplError('usage', 'PIPL_USAGE', {
    what: error.message.replace(/^openjd (\w+): error: /, 'openjd $1: '),
    why: `It goes ${error.usage}.`,
    hint: 'Add --help to see all arguments.',
  });
