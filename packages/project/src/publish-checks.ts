/**
 * What a packl must fulfil before anything of it is sent. Pure: everything it asks for was read before.
 *
 * What only the server can know inside its transaction (a taken version, cycles, who makes a product) the server
 * checks again or alone.
 */
import { type Manifest, type PiplError, piplError, productOf, type Row, taskOf } from '@pipl/packl';
import { satisfies, valid, validRange } from 'semver';
import { templateProblems } from './job-templates.ts';
import type { PackedFiles } from './pack-files.ts';
import { type Declares, entryOf, newest, noSuchType, parseType } from './packl-types.ts';

export interface Candidate {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly files: PackedFiles;
}

export interface Surroundings {
  readonly index: string;
  /** a version may be published again */
  readonly volatile: boolean;
  /** rows of a name, those of this release first */
  rowsOf(name: string): readonly Pick<Row, 'name' | 'version' | 'manifest'>[];
  /** whether the index itself has that version already, withdrawn ones too */
  taken(name: string, version: string): boolean;
  /** whether the asset store has that content */
  stored(digest: string): boolean;
}

/** Everything that is wrong, the worst first. */
export function problemsOf(candidate: Candidate, around: Surroundings): PiplError[] {
  const { manifest } = candidate;
  const task = taskOf(manifest);
  const product = productOf(manifest);
  return [
    ...versionProblems(manifest, around),
    ...(manifest.pipl === undefined ? [noPackl(candidate)] : []),
    ...rangeProblems(manifest),
    ...entryProblems(candidate),
    ...templateProblems(candidate),
    ...scriptProblems(manifest),
    ...(task === undefined ? [] : typeProblems(manifest, { type: task.type, declares: 'taskTypes', around })),
    ...(task === undefined ? [] : inputProblems(manifest)),
    ...(product === undefined
      ? []
      : typeProblems(manifest, { type: product.type, declares: 'productTypes', around })),
    ...(product === undefined ? [] : assetProblems(manifest, around)),
  ];
}

function versionProblems({ name, version }: Manifest, { index, volatile, taken }: Surroundings): PiplError[] {
  if (valid(version) === null) {
    return [
      piplError('invalid', 'PIPL_VERSION', {
        what: `${name} has the version "${version}".`,
        why: 'A version is MAJOR.MINOR.PATCH.',
        hint: 'Mend "version" in package.json.',
      }),
    ];
  }
  if (/-wip\b/.test(version)) {
    return [
      piplError('invalid', 'PIPL_WORK_IN_PROGRESS', {
        what: `${name}@${version} is work in progress.`,
        why: 'A -wip version is never published: no range would find it.',
        hint: 'Give it a version: pipl packl bump release (or patch, minor, major)',
      }),
    ];
  }
  if (volatile || !taken(name, version)) return [];
  return [
    piplError('conflict', 'PIPL_VERSION_TAKEN', {
      what: `${name}@${version} is already published in ${index}.`,
      why: 'A version in a stable index never changes.',
      hint: 'Choose the next one with `pipl packl bump patch`, or publish to a volatile index.',
    }),
  ];
}

function rangeProblems({
  name,
  dependencies,
  peerDependencies,
  optionalDependencies,
}: Manifest): PiplError[] {
  const all = Object.entries({ ...dependencies, ...peerDependencies, ...optionalDependencies });
  return all
    .filter(([, range]) => validRange(range) === null && !/^(?:npm:|[a-z][\w.-]*$)/i.test(range))
    .map(([to, range]) =>
      piplError('invalid', 'PIPL_RANGE', {
        what: `${name} asks for ${to} "${range}".`,
        why: 'A published packl names versions; a path, a link or a workspace exists only here.',
        hint: `Add it from the index: pipl packl add ${to}`,
      }),
    );
}

/** A check that runs a script which is not there would fail in every QA run. */
function scriptProblems({ name, pipl, scripts }: Manifest): PiplError[] {
  const there = Object.keys((scripts ?? {}) as object);
  return Object.entries(pipl?.checks ?? {}).flatMap(([check, how]) =>
    Array.isArray(how) || !('script' in how) || there.includes(how.script)
      ? []
      : [
          piplError('invalid', 'PIPL_CHECK', {
            what: `The check "${check}" of ${name} runs the script "${how.script}", which is not there.`,
            why: `The "scripts" of its package.json are ${there.join(', ') || 'none'}.`,
            hint: `Add "${how.script}" to "scripts", or give the check a command.`,
          }),
        ],
  );
}

/** A declared entry point must lead to a file that travels. */
function entryProblems({ manifest, files }: Candidate): PiplError[] {
  const { pipl, name } = manifest;
  if (pipl?.kind !== 'code') return [];
  const { services = {}, assetTypes = {}, productTypes = {}, taskTypes = {} } = pipl;
  const entries = Object.entries({ ...services, ...assetTypes, ...productTypes, ...taskTypes });
  return entries.flatMap(([entry, target]) => {
    const subpath = target.split('#')[0]!;
    const file = exported(manifest['exports'], subpath);
    return file !== undefined && files.has(relative(file))
      ? []
      : [missingFile(name, { entry, file: file ?? subpath })];
  });
}

/** The file that Node would load for `subpath`; conditions in the order of the manifest. */
function exported(exports: unknown, subpath: string): string | undefined {
  if (typeof exports === 'string') return subpath === '.' ? exports : undefined;
  if (typeof exports !== 'object' || exports === null) return undefined;
  const target = (exports as Record<string, unknown>)[subpath];
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null) return undefined;
  const conditions = Object.entries(target);
  const found = conditions.find(([condition]) => ['node', 'import', 'default'].includes(condition));
  return typeof found?.[1] === 'string' ? found[1] : undefined;
}

const relative = (file: string): string => file.replace(/^\.\//, '');

/** The packl that declares a type must be a dependency, and a version it admits must declare it. */
function typeProblems(
  { name, dependencies = {} }: Manifest,
  { type, declares, around }: { type: string; declares: Declares; around: Surroundings },
): PiplError[] {
  const asked = parseType(type);
  const range = dependencies[asked.packl];
  if (range === undefined) {
    return [
      piplError('invalid', 'PIPL_TYPE_NOT_A_DEPENDENCY', {
        what: `${name} does not depend on ${asked.packl}.`,
        why: `Its type ${type} is declared there.`,
        hint: `Add it: pipl packl add ${asked.packl}`,
      }),
    ];
  }
  const rows = around.rowsOf(asked.packl);
  const row = newest(rows, range);
  if (row === undefined) return [unsatisfied(name, { to: asked.packl, range, rows, index: around.index })];
  return entryOf(row.manifest, asked, declares) === undefined
    ? [noSuchType(row, { type, index: around.index, declares })]
    : [];
}

/** Every input is a dependency; that it is there yet, nobody asks: the task waits for it. */
function inputProblems(manifest: Manifest): PiplError[] {
  const { dependencies = {}, name } = manifest;
  return Object.entries(taskOf(manifest)?.inputs ?? {}).flatMap(([slot, inputs]) =>
    [inputs]
      .flat()
      .filter((input) => !(input in dependencies))
      .map((input) =>
        piplError('invalid', 'PIPL_INPUT_NOT_A_DEPENDENCY', {
          what: `${name} reads ${input} as ${slot} and does not depend on it.`,
          why: 'The range of an input stands in "dependencies".',
          hint: `Add it: pipl packl add ${input} --as ${slot}`,
        }),
      ),
  );
}

function assetProblems(manifest: Manifest, { stored }: Surroundings): PiplError[] {
  const assets = Object.entries(productOf(manifest)?.assets ?? {});
  return assets
    .filter(([, { digest }]) => !stored(digest))
    .map(([asset, { basename }]) =>
      piplError('invalid', 'PIPL_ASSET_MISSING', {
        what: `The content of ${asset} (${basename}) of ${manifest.name} is not in the asset store.`,
        why: 'A product is published only with everything it refers to.',
        hint: `Add it again: pipl asset add ${asset} PATH`,
      }),
    );
}

const noPackl = ({ folder, manifest }: Candidate): PiplError =>
  piplError('invalid', 'PIPL_NOT_A_PACKL', {
    what: `${manifest.name} is not a packl.`,
    why: `${folder}/package.json has no "pipl" field.`,
    hint: 'Add at least "pipl": { "kind": "code" }.',
  });

const missingFile = (name: string, { entry, file }: { entry: string; file: string }): PiplError =>
  piplError('invalid', 'PIPL_ENTRY_MISSING', {
    what: `${name} declares ${entry}, and its file is not there.`,
    why: `${file} does not lead to a file that travels with the packl.`,
    hint: 'Mend "pipl", "exports" or "files" in package.json.',
  });

const unsatisfied = (
  name: string,
  {
    to,
    range,
    rows,
    index,
  }: { to: string; range: string; rows: readonly { version: string }[]; index: string },
): PiplError =>
  piplError(rows.length === 0 ? 'notFound' : 'unresolvable', 'PIPL_TYPE_UNRESOLVED', {
    what: `Nothing in ${index} satisfies ${to}@${range}, which ${name} needs for its type.`,
    why:
      rows.length === 0
        ? `${index} has no ${to}.`
        : `It has ${rows.map(({ version }) => version).join(', ')}.`,
    hint: rows.some(({ version }) => satisfies(version, '*'))
      ? `pipl packl add ${to}`
      : `Publish ${to} first.`,
  });
