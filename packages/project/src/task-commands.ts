/**
 * The commands of tasks for people: which there are, what they take, and running one.
 *
 * Listing reads manifests; publishing asks the type of a task, where it is installed, and writes the answer into what
 * it publishes. A command runs in the environment of the workspace; what it asks to be published is published here,
 * as the person: code of a packl never has a token.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AssetReference, errorFromBody, type Manifest, PiplError, piplError, taskOf } from '@pipl/packl';
import { packTarball, type RegistryClient, type ReleaseResult } from '@pipl/registry-client';
import { inc } from 'semver';
import { withAssetPlace } from './asset-place.ts';
import { asReference } from './asset-reference.ts';
import { jsonText } from './atomic-file.ts';
import { commandContext, type CommandContext, type CommandPlace } from './command-context.ts';
import { describeTask } from './describe-task.ts';
import { readPackl } from './packl-file.ts';
import { pipeStep } from './pipe-step.ts';
import type { Project } from './project-file.ts';
import type { TaskCommands } from './published-manifest.ts';
import { mustGraphHere } from './workspace-graph.ts';
import { packlsIn } from './workspace-packls.ts';

/** What the type of a task says; undefined for what is no task in code, and where its type is not installed. */
export async function commandsOf(folder: string, manifest: Manifest): Promise<TaskCommands | undefined> {
  const task = taskOf(manifest);
  if (task === undefined || task.job !== undefined) return undefined;
  if (!existsSync(join(folder, 'node_modules', '@pipl', 'pipe', 'dist'))) return undefined;
  try {
    return (await describeTask(folder)).commands;
  } catch (error) {
    // What is wrong with the type or its parameters, the checks and the run say.
    if (error instanceof PiplError) return undefined;
    throw error;
  }
}

export interface ListedCommand {
  readonly packl: string;
  /** of the packl */
  readonly folder: string;
  readonly name: string;
  readonly label: string;
  /** JSON Schema */
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** Of the tasks of a workspace, or of one packl. Loads no code. @throws PIPL_MANIFEST */
export async function listCommands({
  workspace,
  packl,
}: {
  workspace?: string | undefined;
  packl?: string | undefined;
}): Promise<readonly ListedCommand[]> {
  const packls =
    packl !== undefined
      ? [{ folder: packl, manifest: (await readPackl(packl)).manifest }]
      : workspace === undefined
        ? []
        : await packlsIn(workspace);
  return packls.flatMap(({ folder, manifest }) =>
    Object.entries(taskOf(manifest)?.commands ?? {}).map(([name, { label, arguments: schema }]) => ({
      packl: manifest.name,
      folder,
      name,
      label,
      ...(schema === undefined ? {} : { arguments: schema }),
    })),
  );
}

export interface DoCommand {
  readonly project: Project;
  /** one that may write, asked for only when the command wants its products published */
  readonly writer: () => Promise<RegistryClient>;
  readonly client: RegistryClient;
  readonly command: ListedCommand;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** starts a program as the person would @returns its exit status */
  readonly run: (argv: readonly string[], env: NodeJS.ProcessEnv) => Promise<number>;
}

export interface DoneCommand {
  readonly status: number;
  /** what it asked to be published */
  readonly published?: ReleaseResult;
}

/**
 * Runs a command of a task.
 * @throws PIPL_ARGUMENTS (exit 2), PIPL_COMMAND naming the packl whose code failed (9), PIPL_INPUT_MISSING (3)
 */
export async function doCommand(asked: DoCommand): Promise<DoneCommand> {
  const { project, client, command, run } = asked;
  const { folder, name } = command;
  const { manifest } = await readPackl(folder);
  const field = taskOf(manifest)!;
  const description = await describeTask(folder);
  const place: CommandPlace = { project, folder, manifest, field, description, client };
  const scratch = await mkdtemp(join(tmpdir(), 'pipl-do-'));
  try {
    const context = await commandContext(place);
    const files = { context: join(scratch, 'context.json'), error: join(scratch, 'error.json') };
    await writeFile(files.context, JSON.stringify(context));
    const step = pipeStep(await mustGraphHere({ from: folder, env: {} }));
    const argv = [process.execPath, step, 'command', field.type, name, JSON.stringify(asked.arguments)];
    const status = await run(argv, { PIPL_CONTEXT: files.context, PIPL_ERROR: files.error });
    if (existsSync(files.error)) throw await told(files.error);
    if (status !== 0 || !existsSync(`${files.context}.publish`)) return { status };
    return { status, published: await publishOutputs(asked, place, context) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function told(file: string): Promise<Error> {
  const body: unknown = JSON.parse(await readFile(file, 'utf8'));
  return errorFromBody(body) ?? new Error(JSON.stringify(body));
}

/** The products of a task as they are in its output folders, as one release of the person. */
async function publishOutputs(
  { writer }: DoCommand,
  place: CommandPlace,
  { outputs }: CommandContext,
): Promise<ReleaseResult> {
  const packls = await withAssetPlace(place, ({ put }) =>
    Promise.all(
      Object.entries(outputs).map(async ([slot, { name, version: last, type, assets }]) => {
        const version = inc(last, 'patch') ?? '0.0.1';
        const references: Record<string, AssetReference> = {};
        for (const [asset, { kind, type: assetType, dir }] of Object.entries(assets)) {
          const names = await readdir(dir);
          if (names.length === 0 || (kind === 'file' && names.length > 1))
            throw outputMissing(`${slot}.${asset}`, names);
          const paths = kind === 'folder' ? [dir] : names.map((file) => join(dir, file));
          const stored = await put({ product: { name, version }, asset, type: assetType, kind, paths });
          const basename = kind === 'file' ? names[0]! : asset;
          references[asset] = asReference({ type: assetType, kind, basename }, stored);
        }
        const { declaredBy } = place.description.products[slot]!;
        return packed({ name, version, type, references, declaredBy });
      }),
    ),
  );
  const client = await writer();
  return client.release({ index: place.project.defaultIndex, packls });
}

interface Made {
  readonly name: string;
  readonly version: string;
  readonly type: string;
  readonly references: Readonly<Record<string, AssetReference>>;
  readonly declaredBy: { readonly name: string; readonly version: string };
}

/** By hand: nothing says that a run made it. */
async function packed({ name, version, type, references, declaredBy }: Made) {
  const manifest: Manifest = {
    name,
    version,
    type: 'module',
    dependencies: { [declaredBy.name]: `^${declaredBy.version}` },
    pipl: { kind: 'product', type, assets: { ...references } },
  };
  const { tarball, integrity } = await packTarball(
    new Map([['package.json', Buffer.from(jsonText(manifest))]]),
  );
  return { manifest, tarball, integrity };
}

const outputMissing = (where: string, names: readonly string[]) =>
  piplError('taskFailed', 'PIPL_OUTPUT_MISSING', {
    what: `The output ${where} cannot be published.`,
    why: names.length === 0 ? 'Its folder is empty.' : `Its folder holds ${names.toSorted().join(', ')}.`,
    hint: 'The command writes it to the folder that its context names.',
  });
