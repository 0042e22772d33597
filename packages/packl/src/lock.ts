/**
 * A run lock: everything one run of a task reads, pinned.
 *
 * Its hash is over exactly this: the task and every packl it reaches, each with name, version, integrity and, for
 * each packl it asks for (dependency, optional dependency, peer), the version it got. Third-party packages are
 * covered by the integrity of the packl that carries their lock; which names are third party is in the hash. Outside it: the index, the ranges (the integrity
 * covers them), devDependencies, `groups`, optional peers that nobody requires, and deprecation.
 */
import { byName } from './by-name.ts';
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
  let told: readonly Told[] | undefined;
  const inOrder = () => (told ??= all.toSorted((one, other) => (one.key < other.key ? -1 : 1)));
  let nodes: RunLock['nodes'] | undefined;
  let pins: RunLock['pins'] | undefined;
  let codeLock: CodeLock | undefined;
  return {
    hash: shortHash(textOfLock(root, all)),
    task: pinOf(task),
    direct: root.node.dependencies,
    get nodes() {
      return (nodes ??= byName(inOrder().map((one) => [one.key, one.node])));
    },
    get pins() {
      return (pins ??= byName(inOrder().map((one) => [one.key, one.node.integrity])));
    },
    get codeLock() {
      return (codeLock ??= codeLockOf(root, inOrder()));
    },
  };
}

/** The canonical JSON of ['lock', key, nodes by key, names of third-party packages], put together from its parts. */
function textOfLock({ key }: Told, all: readonly Told[]): string {
  // These begin with their keys in quotes, so they are in the order of the keys.
  const nodes = all.map(({ text }) => text).toSorted();
  const foreign = all.every((one) => one.foreign === '[]')
    ? all.map(() => '[]')
    : all.toSorted((one, other) => (one.key < other.key ? -1 : 1)).map((one) => one.foreign);
  return `["lock",${JSON.stringify(key)},{${nodes.join(',')}},[${foreign.join(',')}]]`;
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
  const node = nodeOf(resolved);
  resolved.told = {
    key,
    resolved,
    node,
    text: `${JSON.stringify(key)}:${textOf(node)}`,
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

function nodeOf({ row, packls }: ResolvedRow): LockNode {
  const names = [...packls.keys()].toSorted();
  return {
    ...pinOf(row),
    dependencies: byName(names.map((name) => [name, packls.get(name)!.version])),
  };
}

/** The canonical JSON of a node. */
function textOf({ name, version, integrity, dependencies }: LockNode): string {
  const got = Object.keys(dependencies)
    .toSorted()
    .map((one) => `${JSON.stringify(one)}:${JSON.stringify(dependencies[one])}`);
  const [sum, by, at] = [integrity, name, version].map((one) => JSON.stringify(one));
  return `{"dependencies":{${got.join(',')}},"integrity":${sum},"name":${by},"version":${at}}`;
}

function foreignOf({ required, optional }: ThirdPartyAsks): string {
  if (required.size + optional.size === 0) return '[]';
  return canonicalJson([...required.keys(), ...optional.keys()].toSorted());
}
