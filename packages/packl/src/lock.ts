/**
 * A run lock: everything one run of a task reads, pinned.
 *
 * Its hash is over exactly this: the task and every packl it reaches, each with name, version, integrity and, for
 * each packl it asks for (dependency, optional dependency, peer), the version it got. Third-party packages are
 * covered by the integrity of the packl that carries their lock; which names are third party is in the hash. Outside it: the index, the ranges (the integrity
 * covers them), devDependencies, `groups`, optional peers that nobody requires, and deprecation.
 */
import { emptyByName } from './by-name.ts';
import { canonicalJson, shortHash } from './canonical.ts';
import type { Row } from './change.ts';
import { keyOf } from './closure.ts';
import type { ResolvedRow } from './closure.ts';
import { codeLockOf, isInstalled } from './code-lock.ts';
import type { ThirdPartyAsks } from './asks.ts';
import { taskOf } from './manifest.ts';
import type { CodeLock, Pin, TicketInput } from './ticket.ts';

export interface LockNode extends Pin {
  /** packl name → version; peers included */
  readonly dependencies: Readonly<Record<string, string>>;
}

export interface RunLock {
  /** 32 hex digits */
  readonly hash: string;
  readonly task: Pin;
  /** what the task itself asks for: packl name → version */
  readonly direct: Readonly<Record<string, string>>;
  /** by `name@version`, the task included; made when first asked for, as all that follows */
  readonly nodes: Readonly<Record<string, LockNode>>;
  /** `name@version` → integrity, the whole closure */
  readonly pins: Readonly<Record<string, string>>;
  /** what pnpm installs for the run */
  readonly codeLock: CodeLock;
}

/** @param reached what a resolver found, each packl once, the task among them */
export function lockOf(task: Row, reached: Iterable<ResolvedRow>): RunLock {
  const all = Array.from(reached, toldOf);
  const root = all.find(({ resolved }) => resolved.row === task)!;
  all.sort((one, other) => (one.key < other.key ? -1 : 1));
  return new Lock(root, all);
}

class Lock implements RunLock {
  readonly hash: string;
  readonly task: Pin;
  readonly direct: RunLock['direct'];
  private readonly root: Told;
  private readonly all: readonly Told[];
  private madeNodes: RunLock['nodes'] | undefined;
  private madePins: RunLock['pins'] | undefined;
  private madeCodeLock: CodeLock | undefined;

  /** @param all in the order of their keys */
  constructor(root: Told, all: readonly Told[]) {
    this.hash = shortHash(textOfLock(root, all));
    this.task = pinOf(root.resolved.row);
    this.direct = root.node.dependencies;
    this.root = root;
    this.all = all;
  }

  get nodes(): RunLock['nodes'] {
    if (this.madeNodes !== undefined) return this.madeNodes;
    const made = emptyByName<LockNode>();
    for (const { key, node } of this.all) made[key] = node;
    return (this.madeNodes = made);
  }

  get pins(): RunLock['pins'] {
    if (this.madePins !== undefined) return this.madePins;
    const made = emptyByName<string>();
    for (const { key, node } of this.all) made[key] = node.integrity;
    return (this.madePins = made);
  }

  get codeLock(): CodeLock {
    return (this.madeCodeLock ??= codeLockOf(this.root, this.all));
  }
}

/**
 * The canonical JSON of ['lock', key, nodes by key, names of third-party packages], put together from its parts.
 * @param all in the order of their keys
 */
function textOfLock({ key }: Told, all: readonly Told[]): string {
  const nodes = all.map(({ text }) => text).join(',');
  const foreign = all.map((one) => one.foreign).join(',');
  return `["lock",${JSON.stringify(key)},{${nodes}},[${foreign}]]`;
}

/** What one packl adds to a lock. Many tasks read the same packls: made once for each. */
export interface Told {
  /** `name@version` */
  readonly key: string;
  readonly resolved: ResolvedRow;
  readonly node: LockNode;
  readonly text: string;
  /** its third-party packages */
  readonly foreign: string;
  /** no other has it */
  readonly id: number;
  /** is it code that a run loads? */
  readonly isInstalled: boolean;
}

let lastId = 0;

function toldOf(resolved: ResolvedRow): Told {
  if (resolved.told !== undefined) return resolved.told;
  const key = keyOf(resolved.row);
  const names = [...resolved.packls.keys()].toSorted();
  const node = nodeOf(resolved, names);
  resolved.told = {
    key,
    resolved,
    node,
    text: `${JSON.stringify(key)}:${textOf(node, names)}`,
    foreign: foreignOf(resolved.thirdParty),
    id: (lastId += 1),
    isInstalled: isInstalled(resolved.row),
  };
  return resolved.told;
}

/** The products that fill the slots of the task, pinned; an input that is no dependency is left out. */
export function inputsOf(task: Row, lock: RunLock): TicketInput[] {
  const field = taskOf(task.manifest);
  return Object.entries(field?.inputs ?? {}).flatMap(([slot, names]) =>
    [names].flat().flatMap((name) => {
      const version = lock.direct[name];
      const integrity = version === undefined ? undefined : lock.pins[keyOf({ name, version })];
      return version === undefined || integrity === undefined ? [] : [{ slot, name, version, integrity }];
    }),
  );
}

/** Inputs that the task names without depending on them: they can never be pinned. */
export const undeclaredInputs = (task: Row, asked: (name: string) => boolean): string[] => {
  const field = taskOf(task.manifest);
  if (field === undefined) return [];
  return Object.values(field.inputs)
    .flat()
    .filter((name) => !asked(name));
};

const pinOf = ({ name, version, integrity }: Pin): Pin => ({ name, version, integrity });

function nodeOf({ row, packls }: ResolvedRow, names: readonly string[]): LockNode {
  const dependencies = emptyByName<string>();
  for (const name of names) dependencies[name] = packls.get(name)!.version;
  const { name, version, integrity } = row;
  return { name, version, integrity, dependencies };
}

/** The canonical JSON of a node. @param names of what it got, in order */
function textOf({ name, version, integrity, dependencies }: LockNode, names: readonly string[]): string {
  const got = names.map((one) => `${JSON.stringify(one)}:${JSON.stringify(dependencies[one])}`);
  const [sum, by, at] = [JSON.stringify(integrity), JSON.stringify(name), JSON.stringify(version)];
  return `{"dependencies":{${got.join(',')}},"integrity":${sum},"name":${by},"version":${at}}`;
}

function foreignOf({ required, optional }: ThirdPartyAsks): string {
  if (required.size + optional.size === 0) return '[]';
  return canonicalJson([...required.keys(), ...optional.keys()].toSorted());
}
