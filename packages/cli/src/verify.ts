/** `pipl verify SPEC|FILE` */
import { indexName } from '@pipl/packl';
import { isContentPath, verify, verifyFile, verifySources, type VerifiedContent } from '@pipl/project';
import type { Context, DefineCommand } from './context.ts';
import { pathFrom, projectAt } from './opening.ts';
import { bytes } from './sizes.ts';
import { treeLines } from './tree-lines.ts';

interface Options {
  readonly index?: string;
  readonly file?: string;
  readonly offline?: true;
  readonly trust?: true;
  readonly sources?: true;
  readonly bundle?: string;
  readonly saveBundle?: string;
}

export const command: DefineCommand = (into, context) =>
  into
    .argument(
      '<what>',
      'name, name@range or name@tag (without a server name@version); or a file, a folder: what is it, who made it?',
    )
    .option('-i, --index <name>', 'owner/name; else the default index')
    .option('--file <tarball>', 'look at this tarball instead of what the server has')
    .option('--sources', 'of a version too: follow it back to every source')
    .option('--offline', 'ask no server: by what was seen before')
    .option('--bundle <file>', 'by what is in this file')
    .option('--save-bundle <file>', 'write what was used to a file, for others')
    .option('--trust', 'trust a key that no known key vouches for')
    .action(async (what: string, options: Options) => {
      const path = pathFrom(context, what);
      const asFile = options.file === undefined && (await isContentPath(what, path));
      if (asFile || options.sources === true) return walkBack(context, options, asFile ? { path } : { what });
      return verifyVersion(context, what, options);
    });

async function verifyVersion(context: Context, spec: string, { index, file, ...rest }: Options) {
  const project = await projectAt(context);
  const verified = await verify(project, {
    spec,
    index: index === undefined ? undefined : indexName(index),
    file: file === undefined ? undefined : pathFrom(context, file),
    offline: rest.offline,
    trust: rest.trust,
  });
  if (verified.firstKeys)
    context.terminal.note(`First time here: the keys of ${project.name} are trusted now.`);
  context.terminal.say(verified, ({ name, version, keyid, made }) => [
    `${name}@${version} is what was signed with ${keyid}`,
    ...(made === undefined ? [] : [`made by ${made.by}, ${runOf(made)}`]),
  ]);
}

async function walkBack(context: Context, options: Options, what: { path: string } | { what: string }) {
  const project = await projectAt(context);
  const { offline, trust, bundle, saveBundle, index } = options;
  const how = {
    offline,
    trust,
    bundle: bundle === undefined ? undefined : pathFrom(context, bundle),
    saveBundle: saveBundle === undefined ? undefined : pathFrom(context, saveBundle),
  };
  const walked = await ('path' in what
    ? verifyFile(project, { ...how, path: what.path })
    : verifySources(project, {
        ...how,
        spec: what.what,
        index: index === undefined ? undefined : indexName(index),
      }));
  if (walked.firstKeys)
    context.terminal.note(`First time here: the keys of ${project.name} are trusted now.`);
  context.terminal.say(walked, linesOf);
}

const runOf = ({ run, at, causedBy }: NonNullable<VerifiedContent['versions'][number]['made']>): string =>
  [
    `run ${run}`,
    at?.slice(0, 16).replace('T', ' '),
    causedBy === undefined ? undefined : `caused by ${causedBy}`,
  ]
    .filter((part) => part !== undefined)
    .join(', ');

function linesOf({ file, place, also, root, versions }: VerifiedContent): string[] {
  const bySpec = new Map(versions.map((version) => [version.spec, version]));
  const tree = treeLines(root, (spec) => {
    const version = bySpec.get(spec);
    const made = version?.made;
    return {
      text: `${spec}  ${made === undefined ? 'published, signed' : `made by ${made.by}, ${runOf(made)}`}`,
      // What the code was is listed by --json; here it would hide what matters.
      below: (version?.from ?? []).filter(({ as }) => as === 'input' || as === 'task').map((one) => one.spec),
    };
  });
  const statements = versions.filter(({ statementKeyid }) => statementKeyid !== undefined).length;
  return [
    ...(file === undefined ? [] : [`${file.path} (${bytes(file.size)}) is ${place}`]),
    ...also.map((other) => `  also ${other}`),
    ...tree,
    `Every step is signed: ${versions.length} versions, ${statements} statements of runs.`,
  ];
}
