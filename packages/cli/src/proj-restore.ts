/** `pipl proj restore BACKUP FOLDER` */
import { exitStatuses } from '@pipl/packl';
import { restoreProject } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { serverCommand } from './house.ts';
import { pathFrom } from './opening.ts';

interface Options {
  readonly database?: string;
  readonly blobs?: string;
  readonly s3Endpoint?: string;
}

export const command: DefineCommand = (into, context) =>
  into
    .argument('<backup>', 'what `pipl proj backup` made')
    .argument('<folder>', 'the project to make: a folder that is not there yet')
    .option('--database <url>', 'an empty PostgreSQL database to restore into; else a file of the project')
    .option(
      '--blobs <address>',
      'an empty S3 place for its tarballs, s3://BUCKET/PREFIX; else a folder of the project',
    )
    .option('--s3-endpoint <url>', 'where that bucket answers, when it is not AWS')
    .action(async (backup: string, folder: string, places: Options) => {
      const { terminal } = context;
      const { project, report } = await restoreProject({
        from: pathFrom(context, backup),
        path: pathFrom(context, folder),
        ...places,
        serverCommand: serverCommand(),
      });
      terminal.say({ project, report }, () => [
        `Restored ${project.name} at ${project.path}.`,
        ...report.findings.map(({ problem, subject, why }) => `${problem}  ${subject}\n  ${why}`),
      ]);
      terminal.note(`Next: cd ${project.path} && pipl proj start --detach`);
      if (!report.ok) process.exitCode = exitStatuses.invalid;
    });
