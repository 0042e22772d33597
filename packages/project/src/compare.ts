/**
 * What differs between two runs, two versions, or a run and what its task would read now: dependencies (asked for and
 * all), code, environment, assets, parameters, the job. From what is kept of runs and what the index resolves.
 */
import { type IndexName, productOf, taskOf } from '@pipl/packl';
import type { RegistryClient, ResolvedView, RunRecordView } from '@pipl/registry-client';
import { load } from 'js-yaml';
import { findRun } from './runs.ts';

export type Resolved = ResolvedView;

/** @throws PIPL_NO_VERSION (exit 3), PIPL_AT (2) */
export const resolveSpec = (
  client: RegistryClient,
  asked: { spec: string; index: IndexName; at?: string },
): Promise<Resolved> => client.resolve(asked);

type Named = Readonly<Record<string, string>>;

/** One of the two: each part a list of names with a value; absent where nothing is known of it. */
export interface Side {
  readonly is: 'run' | 'version';
  readonly label: string;
  /** the packl itself */
  readonly packl: Named;
  /** asked for by itself: name → version */
  readonly direct?: Named;
  /** everything: `name` → versions */
  readonly closure?: Named;
  /** what is installed: name → versions, third party too */
  readonly code?: Named;
  readonly environment?: Named;
  /** read and made: `input @film/bunny scene` → digest */
  readonly assets?: Named;
  readonly parameters?: Named;
  /** the lines of the template, as paths: `steps.0.name` → value */
  readonly job?: Named;
}

export const parts = [
  'packl',
  'direct',
  'closure',
  'code',
  'environment',
  'assets',
  'parameters',
  'job',
] as const;
export type Part = (typeof parts)[number];

export interface Difference {
  readonly name: string;
  /** absent: only on the other side */
  readonly left?: string;
  readonly right?: string;
}

export interface Compared {
  readonly left: Pick<Side, 'is' | 'label'>;
  readonly right: Pick<Side, 'is' | 'label'>;
  readonly differences: Readonly<Record<Part, readonly Difference[]>>;
  /** parts that one of the two does not know */
  readonly unknown: readonly Part[];
}

/** Pure. What stands in `direct` is left out of `closure`. */
export function compare(left: Side, right: Side): Compared {
  const unknown = parts.filter((part) => left[part] === undefined || right[part] === undefined);
  const found = parts.map((part) => {
    const known = !unknown.includes(part);
    return [part, known ? differencesOf(left[part] ?? {}, right[part] ?? {}) : []] as const;
  });
  const all = Object.fromEntries(found) as Record<Part, Difference[]>;
  const shown = new Set([...all.direct, ...all.packl].map(({ name }) => name));
  const differences = { ...all, closure: all.closure.filter(({ name }) => !shown.has(name)) };
  const named = ({ is, label }: Side) => ({ is, label });
  return { left: named(left), right: named(right), differences, unknown };
}

function differencesOf(left: Named, right: Named): Difference[] {
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].toSorted();
  return names
    .filter((name) => left[name] !== right[name])
    .map((name) => ({
      name,
      ...(left[name] === undefined ? {} : { left: left[name] }),
      ...(right[name] === undefined ? {} : { right: right[name] }),
    }));
}

/**
 * @param subject an attempt or a beginning of it, else `name` or `name@range`
 * @throws PIPL_NO_VERSION (exit 3)
 */
export async function sideOf(
  client: RegistryClient,
  { subject, index, at }: { subject: string; index: IndexName; at?: string },
): Promise<Side> {
  if (/^[0-9a-f]{6,32}(?:\.\d+)?$/.test(subject)) {
    const { attempt } = await findRun(client, subject);
    return runSide(await client.runRecord(attempt));
  }
  const when = at === undefined ? {} : { at };
  return versionSide(await client.resolve({ spec: subject, index, ...when }));
}

function runSide({ run, lock, ticket, report, ending }: RunRecordView): Side {
  const { task, taskVersion, attempt } = run;
  const variables = Object.entries(report?.environment ?? {}).map(([name, variable]) => [
    name,
    'value' in variable ? variable.value : `(secret, ${variable.sha256})`,
  ]);
  const machine =
    report === undefined
      ? []
      : [
          ['node', report.node],
          ['platform', report.platform],
        ];
  return {
    is: 'run',
    label: `${task}@${taskVersion} (ticket ${attempt})`,
    packl: { [task]: taskVersion },
    direct: lock.direct,
    closure: versionsByName(Object.keys(lock.pins)),
    ...(ticket === undefined ? {} : { code: codeOf(ticket.codeLock.lockfile) }),
    ...(report === undefined
      ? {}
      : {
          environment: Object.fromEntries([...variables, ...machine]) as Named,
          parameters: flat(report.parameters),
          job: flat(parsed(report.template.text)),
        }),
    ...(ending?.provenance === undefined ? {} : { assets: assetsOf(ending.provenance) }),
  };
}

function assetsOf({
  inputs,
  previous = [],
  products,
}: NonNullable<NonNullable<RunRecordView['ending']>['provenance']>): Named {
  const read = inputs.flatMap(({ slot, name, assets }) =>
    Object.entries(assets).map(([asset, digest]) => [`input ${slot} ${name} ${asset}`, digest]),
  );
  const own = previous.flatMap(({ slot, name, assets }) =>
    Object.entries(assets).map(([asset, digest]) => [`previous ${slot} ${name} ${asset}`, digest]),
  );
  const made = Object.entries(products).flatMap(([name, assets]) =>
    Object.entries(assets).map(([asset, digest]) => [`output ${name} ${asset}`, digest]),
  );
  return Object.fromEntries([...read, ...own, ...made]) as Named;
}

function versionSide({ name, version, integrity, manifest, lock, codeLock }: ResolvedView): Side {
  const product = productOf(manifest);
  const task = taskOf(manifest);
  const assets = Object.entries(product?.assets ?? {}).map(([asset, { digest }]) => [
    `${name} ${asset}`,
    digest,
  ]);
  return {
    is: 'version',
    label: `${name}@${version}`,
    packl: { [name]: version, [`${name} (tarball)`]: integrity },
    ...(lock === undefined ? {} : { direct: lock.direct, closure: versionsByName(Object.keys(lock.pins)) }),
    ...(codeLock === undefined ? {} : { code: codeOf(codeLock.lockfile) }),
    ...(product === undefined ? {} : { assets: Object.fromEntries(assets) as Named }),
    ...(task === undefined ? {} : { parameters: flat(task.parameters) }),
  };
}

/** `name@version`… → name → its versions */
function versionsByName(keys: readonly string[]): Named {
  const found = new Map<string, string[]>();
  for (const key of keys) {
    const at = key.indexOf('@', 1);
    const name = key.slice(0, at);
    found.set(name, [...(found.get(name) ?? []), key.slice(at + 1)].toSorted());
  }
  return Object.fromEntries([...found].map(([name, versions]) => [name, versions.join(', ')]));
}

/** Of `pnpm-lock.yaml`: every package that is installed. */
function codeOf(lockfile: string): Named {
  const lock = load(lockfile) as { packages?: Record<string, unknown> } | undefined;
  return versionsByName(Object.keys(lock?.packages ?? {}).map((key) => key.replace(/\(.*$/, '')));
}

/** A template written by hand is kept as its text. */
function parsed(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return typeof value === 'string' ? load(value) : value;
}

function flat(value: unknown, path = ''): Named {
  if (typeof value !== 'object' || value === null) {
    return path === '' ? {} : { [path]: typeof value === 'string' ? value : JSON.stringify(value) };
  }
  const entries = Object.entries(value).map(([key, one]) => flat(one, path === '' ? key : `${path}.${key}`));
  return Object.assign({}, ...entries) as Named;
}
