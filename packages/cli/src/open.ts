/** `pipl open [PACKL]`: the project's page in a browser, or that of a packl; --print only says where it is. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { indexName, parseSpec, piplError } from '@pipl/packl';
import { serverUrl } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { projectAt } from './opening.ts';

interface Options {
  readonly index?: string;
  readonly print?: true;
}

export const command: DefineCommand = (into, context) =>
  into
    .argument('[packl]', 'the page of this packl; else of the project: what changes there, live')
    .option('-i, --index <name>', 'the page of this index, or the packl in it; else in the default one')
    .option('--print', 'only say where it is')
    .action(async (packl: string | undefined, { index: text, print }: Options) => {
      const project = await projectAt(context);
      const index = text === undefined ? undefined : indexName(text);
      const page =
        packl === undefined
          ? index && `${index}/`
          : `${index ?? project.defaultIndex}/-/web/detail/${parseSpec(packl).name}`;
      const url = `${(await serverUrl(project)).replace(/\/$/, '')}/${page ?? ''}`;
      if (print !== true) await show(url);
      context.terminal.say({ url }, () => [url]);
    });

const programs: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** @throws PIPL_NO_BROWSER (exit 3) */
async function show(url: string): Promise<void> {
  const named = process.env['BROWSER'];
  const [file, ...args] = named ? [named] : (programs[process.platform] ?? ['xdg-open']);
  const child = spawn(file!, [...args, url], { stdio: 'ignore', detached: true });
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw piplError('notFound', 'PIPL_NO_BROWSER', {
      what: `${file} could not be started.`,
      why: 'It is what opens pages on this machine.',
      hint: `Open it yourself: ${url}; or name a program: BROWSER=firefox`,
      cause,
    });
  }
  child.unref();
}
