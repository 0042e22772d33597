/** `pipl fsck [PATH] [--read-data] [--repair]` */
import { exitStatuses } from '@pipl/packl';
import { fsckProject } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { serverCommand } from './house.ts';
import { projectAt } from './opening.ts';
import { bytes as size } from './sizes.ts';
import { counted } from './plural.ts';

interface Options {
  readonly readData?: boolean;
  readonly repair?: boolean;
}

export const command: DefineCommand = (into, context) =>
  into
    .argument('[path]', 'the project; else the one you stand in')
    .option('--read-data', 'read every tarball: finds what has changed on disk')
    .option('--repair', 'mend what can be mended without losing anything')
    .action(async (path: string | undefined, options: Options) => {
      const { terminal } = context;
      const note = (line: string) => terminal.note(line);
      const project = await projectAt(context, path);
      const report = await fsckProject(project, options, { serverCommand: serverCommand(), note });
      const { versions, tags, changes, files, bytes } = report.checked;
      terminal.say(report, () => [
        ...report.findings.map(({ problem, subject, why, done }) =>
          [`${problem}  ${subject}`, `  ${why}`, ...(done === undefined ? [] : [`  mended: ${done}`])].join(
            '\n',
          ),
        ),
        `Checked ${counted(versions, 'version')}, ${counted(tags, 'tag')}, ${counted(changes, 'change')}, ${counted(files, 'file')}` +
          (report.readData ? `, ${size(bytes)} read.` : '.'),
        report.ok
          ? 'All is well.'
          : `${counted(report.findings.filter(({ done }) => done === undefined).length, 'problem')}.`,
      ]);
      terminal.note(
        'Assets were not looked at: `pipl verify FILE` and `pipl packl get` prove what they read. A store that a packl brings is checked where it stands.',
      );
      if (!report.ok) process.exitCode = exitStatuses.invalid;
    });
