/** `pipl proj create PATH` */
import { createProject, readTemplate } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { pipeTarball, serverCommand, templateFolder, templates } from './house.ts';
import { wholeNumber } from './numbers.ts';
import { pathFrom } from './opening.ts';

interface Options {
  readonly name?: string;
  readonly host?: string;
  readonly port?: number;
  readonly npm?: string;
  readonly database?: string;
  readonly template?: string;
  readonly blobs?: string;
  readonly s3Endpoint?: string;
}

export const command: DefineCommand = (into, context) =>
  into
    .argument('<path>', 'the folder to make')
    .option('--name <name>', 'name of the project; else that of the folder')
    .option('--host <host>', 'where its server will listen')
    .option('--port <port>', 'its port; else one that is free now', wholeNumber)
    .option('--npm <url>', 'the npm registry behind it; else the one of this machine')
    .option('--database <url>', 'a PostgreSQL database to keep its state in; else a file of the project')
    .option('--template <name>', `a whole project to begin with: ${templates.join(', ')}`)
    .option(
      '--blobs <address>',
      'an S3 bucket for its tarballs, s3://BUCKET/PREFIX; else a folder of the project',
    )
    .option('--s3-endpoint <url>', 'where that bucket answers, when it is not AWS')
    .action(async (path: string, { npm, template, ...options }: Options) => {
      const folder = template === undefined ? undefined : templateFolder(template);
      const project = await createProject({
        path: pathFrom(context, path),
        ...options,
        upstream: npm,
        template: folder,
        serverCommand: serverCommand(),
        pipeTarball: pipeTarball(),
      });
      context.terminal.say(project, () => [`Created ${project.name} at ${project.path}`]);
      context.terminal.note(
        "Root's password is empty: until you set one, the server listens on this machine only.",
      );
      context.terminal.note(`Next: cd ${project.path} && pipl proj start --detach`);
      if (folder === undefined) return;
      for (const line of (await readTemplate(folder)).next) context.terminal.note(`      ${line}`);
    });
