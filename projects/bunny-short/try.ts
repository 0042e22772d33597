/**
 * Runs the whole film without a server: `node projects/bunny-short/try.ts <out> [bunny version]`.
 *
 * Steps run as `pipl-step` runs them in a job, from the built `@pipl/pipe` and the stripped pipeline, two at a time.
 * It is for working on the pictures; versions, locks and reactions are left to a real project.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';

const here = import.meta.dirname;
const repository = join(here, '../..');
const pick = <T>(value: T | undefined, what: string): T => {
  if (value === undefined) throw new Error(what);
  return value;
};
const out = resolve(pick(process.argv[2], 'try.ts <out> [bunny version]'));
const bunnyVersion = process.argv[3] ?? '1.0.0';

interface TaskPackl {
  readonly name: string;
  readonly pipl: {
    readonly type: string;
    readonly inputs: Record<string, string | string[]>;
    readonly products: Record<string, string>;
    readonly parameters?: unknown;
  };
}
type AssetKind = 'file' | 'folder' | 'sequence';
interface Described {
  readonly parameters: unknown;
  readonly products: Record<
    string,
    { type: string; assets: Record<string, { type: string; kind: AssetKind }> }
  >;
  readonly template: {
    steps: {
      name: string;
      parameterSpace?: { taskParameterDefinitions: readonly Chunked[] };
      script: { actions: { onRun: { args: string[] } } };
    }[];
  };
}
interface Chunked {
  readonly range: string;
  readonly chunks: { defaultTaskCount: number };
}
type Product = { name: string; version: string; type: string; assets: Record<string, object> };

const json = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;
const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
  const start = performance.now();
  const result = await work();
  console.log(`${what.padEnd(28)} ${((performance.now() - start) / 1000).toFixed(2)} s`);
  return result;
};

/** A tree of links: the pipeline, `@pipl/pipe`, and the packages of this repository that the pipeline depends on. */
function makeTree(): string {
  const tree = join(out, 'tree');
  rmSync(out, { recursive: true, force: true });
  const pipeline = join(tree, 'node_modules/@film/pipeline');
  mkdirSync(join(pipeline, 'dist'), { recursive: true });
  const manifest = json<{ dependencies: Record<string, string> }>(join(here, 'pipeline/package.json'));
  writeFileSync(join(pipeline, 'package.json'), JSON.stringify(manifest));
  for (const file of globSync(join(here, 'pipeline/src/*.ts'))) {
    if (file.endsWith('.d.ts')) continue;
    const code = stripTypeScriptTypes(readFileSync(file, 'utf8')).replaceAll(
      /(['"])(\.\/[\w-]+)\.ts\1/g,
      '$1$2.js$1',
    );
    writeFileSync(join(pipeline, 'dist', basename(file).replace(/ts$/, 'js')), code);
  }
  execFileSync(process.execPath, [join(repository, 'packages/pipe/build.mjs'), join(out, 'pipe')]);
  const link = (name: string, target: string): void => {
    mkdirSync(dirname(join(tree, 'node_modules', name)), { recursive: true });
    symlinkSync(target, join(tree, 'node_modules', name));
  };
  link('@pipl/pipe', join(out, 'pipe/package'));
  for (const name of Object.keys(manifest.dependencies)) link(name, join(repository, 'node_modules', name));
  return tree;
}

const tree = makeTree();
const bin = join(tree, 'node_modules/@pipl/pipe/dist/pipl-step.js');

async function step(args: readonly string[], context = ''): Promise<string> {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: out,
    env: { ...process.env, PIPL_CONTEXT: context },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const said = await text(child.stdout);
  const [code] = (await ended) as [number];
  if (code !== 0) throw new Error(`${args.join(' ')}: ${said}`);
  return said;
}

/** `1001-1024` in pieces of that many. */
function chunksOf({ range, chunks: { defaultTaskCount } }: Chunked): string[] {
  const [first = 0, last = first] = range.split('-').map(Number);
  const count = Math.ceil((last - first + 1) / defaultTaskCount);
  return Array.from({ length: count }, (_, index) => first + index * defaultTaskCount).map(
    (from) => `${from}-${Math.min(last, from + defaultTaskCount - 1)}`,
  );
}

async function inPairs(work: readonly (() => Promise<unknown>)[]): Promise<void> {
  const waiting = [...work];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await next();
  };
  await Promise.all([worker(), worker()]);
}

const made = new Map<string, Product>();

async function run(folder: string): Promise<void> {
  const { name, pipl } = json<TaskPackl>(join(here, folder, 'package.json'));
  const work = join(out, folder);
  mkdirSync(work, { recursive: true });
  writeFileSync(
    join(work, 'request.json'),
    JSON.stringify({ type: pipl.type, parameters: pipl.parameters ?? {} }),
  );
  const described = JSON.parse(await step(['describe', join(work, 'request.json')])) as Described;
  const productOf = (input: string): Product => pick(made.get(input), `${input} was not made`);
  const inputs = Object.entries(pipl.inputs).map(([slot, given]) => [
    slot,
    typeof given === 'string' ? productOf(given) : given.map(productOf),
  ]);
  const outputs = Object.entries(described.products).map(([slot, { type, assets }]) => {
    const placed = Object.entries(assets).map(
      ([asset, about]) => [asset, { ...about, dir: join(work, slot, asset) }] as const,
    );
    for (const [, { dir }] of placed) mkdirSync(dir, { recursive: true });
    return [
      slot,
      { name: pick(pipl.products[slot], slot), version: '1.0.0', type, assets: Object.fromEntries(placed) },
    ] as const;
  });
  const context = join(work, 'context.json');
  const task = { name, version: '1.0.0' };
  writeFileSync(
    context,
    JSON.stringify({
      task,
      type: pipl.type,
      parameters: described.parameters,
      inputs: Object.fromEntries(inputs),
      outputs: Object.fromEntries(outputs),
    }),
  );
  for (const { parameterSpace, script } of described.template.steps) {
    const args = script.actions.onRun.args;
    const points = parameterSpace
      ? chunksOf(pick(parameterSpace.taskParameterDefinitions[0], 'a dimension'))
      : [''];
    await inPairs(
      points.map(
        (point) => () =>
          step(
            args.map((arg) => arg.replace(/\{\{.*\}\}/, point)),
            context,
          ),
      ),
    );
  }
  for (const [, product] of outputs) made.set(product.name, { ...product, assets: onDisk(product.assets) });
}

function onDisk(
  assets: Record<string, { type: string; kind: AssetKind; dir: string }>,
): Record<string, object> {
  const found = Object.entries(assets).map(([asset, about]) => {
    const files = readdirSync(about.dir)
      .toSorted()
      .map((name) => join(about.dir, name));
    if (about.kind === 'file') return [asset, { ...about, path: pick(files[0], asset) }];
    const frames = files.map((file) => Number(/\.(\d+)\.png$/.exec(file)?.[1]));
    return [
      asset,
      {
        ...about,
        path: about.dir,
        frames,
        files: Object.fromEntries(frames.map((frame, index) => [frame, files[index]])),
      },
    ];
  });
  return Object.fromEntries(found) as Record<string, object>;
}

const model = join(out, 'bunny.glb');
execFileSync(
  process.execPath,
  [join(tree, 'node_modules/@film/pipeline/dist/make-bunny.js'), bunnyVersion, model],
  { stdio: 'inherit' },
);
made.set('@film/bunny', {
  name: '@film/bunny',
  version: bunnyVersion,
  type: '@film/pipeline/products#Model',
  assets: { scene: { kind: 'file', type: 'GltfScene', path: model, dir: out } },
});
await timed('the film', async () => {
  for (const department of ['layout', 'anim', 'render', 'comp']) {
    for (const shot of ['sh010', 'sh020'])
      await timed(`${shot}-${department}`, () => run(`${shot}-${department}`));
  }
  await timed('review', () => run('review'));
});
if (!existsSync(join(out, 'review/movie/sheet'))) throw new Error('there is no contact sheet');
