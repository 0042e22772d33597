/**
 * A run lock: everything one run of a task reads, pinned.
 *
 * Its hash is over exactly this: the task and every packl it reaches, each with name, version, integrity and, for
 * each packl it asks for (dependency, optional dependency, peer), the version it got. Third-party packages are
 * covered by the integrity of the packl that carries their lock; which names are third party is in the hash. Outside it: the index, the ranges (the integrity
 * covers them), devDependencies, `groups`, optional peers that nobody requires, and deprecation.
 */
import { canonicalJson, shortHash } from './canonical.ts';
import type { Row } from './change.ts';
import { keyOf } from './closure.ts';
import type { Closure, ResolvedRow } from './closure.ts';
import { codeLockOf } from './code-lock.ts';
import type { ThirdPartyAsks } from './asks.ts';
import { inputNames, taskOf } from './manifest.ts';
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
  /** by `name@version`, the task included */
  readonly nodes: Readonly<Record<string, LockNode>>;
  /** what pnpm installs for the run; made when first asked for */
  readonly codeLock: CodeLock;
}

export function lockOf(task: Row, closure: Closure): RunLock {
  const keys = [...closure.keys()].toSorted();
  const told = keys.map((key) => toldOf(key, closure.get(key)!));
  const nodes = Object.fromEntries(told.map(({ node }, at) => [keys[at]!, node]));
  let codeLock: CodeLock | undefined;
  // The canonical JSON of ['lock', key, nodes, names of third-party packages], put together from its parts.
  const nodesText = told.map(({ text }) => text).join(',');
  const foreignText = told.map(({ foreign }) => foreign).join(',');
  return {
    hash: shortHash(`["lock",${JSON.stringify(keyOf(task))},{${nodesText}},[${foreignText}]]`),
    task: pinOf(task),
    direct: nodes[keyOf(task)]!.dependencies,
    nodes,
    get codeLock() {
      codeLock ??= codeLockOf(task, closure);
      return codeLock;
    },
  };
}

/** What one packl adds to a lock. Many tasks read the same packls: made once for each. */
interface Told {
  readonly node: LockNode;
  readonly text: string;
  /** its third-party packages */
  readonly foreign: string;
}

const told = new WeakMap<ResolvedRow, Told>();

function toldOf(key: string, resolved: ResolvedRow): Told {
  const known = told.get(resolved);
  if (known !== undefined) return known;
  const node = nodeOf(resolved);
  const text = `${JSON.stringify(key)}:${canonicalJson(node)}`;
  const fresh = { node, text, foreign: canonicalJson(namesOf(resolved.thirdParty)) };
  told.set(resolved, fresh);
  return fresh;
}

/** The products that fill the slots of the task, pinned; an input that is no dependency is left out. */
export function inputsOf(task: Row, lock: RunLock): TicketInput[] {
  const field = taskOf(task.manifest);
  return Object.entries(field?.inputs ?? {}).flatMap(([slot, names]) =>
    [names].flat().flatMap((name) => {
      const version = lock.direct[name];
      const node = version === undefined ? undefined : lock.nodes[keyOf({ name, version })];
      return node === undefined ? [] : [{ slot, ...pinOf(node) }];
    }),
  );
}

/** Inputs that the task names without depending on them: they can never be pinned. */
export const undeclaredInputs = (task: Row, asked: (name: string) => boolean): string[] => {
  const field = taskOf(task.manifest);
  return field === undefined ? [] : inputNames(field).filter((name) => !asked(name));
};

const pinOf = ({ name, version, integrity }: Pin): Pin => ({ name, version, integrity });

const namesOf = ({ required, optional }: ThirdPartyAsks): string[] =>
  [...required.keys(), ...optional.keys()].toSorted();

function nodeOf({ row, packls }: ResolvedRow): LockNode {
  const names = [...packls.keys()].toSorted();
  return {
    ...pinOf(row),
    dependencies: Object.fromEntries(names.map((name) => [name, packls.get(name)!.version])),
  };
}
