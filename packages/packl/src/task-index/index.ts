/**
 * Which tasks does a change wake? Every task of a view, with what it reads, kept up to date change by change.
 *
 * It gives the same answer as `resolveTask` on every task before and after, without asking them all: only what a
 * changed answer is part of is looked at again. `resolveTask` stays the specification, of the locks too.
 */
import type { Row } from '../change.ts';
import { taskOf } from '../manifest.ts';
import { pick } from '../pick.ts';
import { pipeName, resolveTask } from '../resolve.ts';
import type { Resolution } from '../resolve.ts';
import type { View } from '../view.ts';
import { Graph } from './graph.ts';
import { wishesOf } from './node.ts';
import type { Node, TaskEntry, User, Wish } from './node.ts';
import { isSame } from './hash.ts';
import { inputsOf, lookAgain, read, runLockOf } from './look.ts';
import type { Reading } from './look.ts';

export { openLiveView } from './live-view.ts';
export type { LiveView } from './live-view.ts';
export type { Wish } from './node.ts';

export interface TaskIndex {
  /** The current version of a task of the view. */
  task(name: string): Row | undefined;
  /** Is something missing that the task reads? */
  isMissing(name: string): boolean;
  /** What `resolveTask` says of the current version of a task; undefined for what is none. */
  resolve(name: string): Resolution | undefined;
  tasks(): Iterable<Row>;
  /** Everything that a task reads, itself first; of one that misses something, as far as it goes. */
  closure(name: string): readonly Row[];
  /** What each of its closure asks for, whoever answers. */
  wishes(name: string): readonly (readonly Wish[])[];
  /** The tasks that ask for the name, or read what asks for it; now and then one that no longer does. */
  askers(name: string): Iterable<string>;
  /**
   * To be told after the view changed in one name: a row came, was replaced, withdrawn or deprecated, or a tag moved.
   * @param published when all that happened is that this row came
   * @returns the tasks that came, went, or read something else than before; those too that still miss something
   *   of that name
   */
  changed(name: string, published?: Row): ReadonlySet<string>;
  /** The same after the view changed in many names: whoever reads several of them is looked at once. */
  changedAll(names: ReadonlySet<string>): ReadonlySet<string>;
}

const nobody: readonly string[] = [];

/** @param view changes only together with calls of `changed` */
export function openTaskIndex(view: View): TaskIndex {
  const graph = new Graph(view);
  const tasks = new Map<string, TaskEntry>();
  let hasPipe = view.has(pipeName);
  /** since the last change: who is looked at again is often asked for its lock next */
  const readings = new Map<TaskEntry, Reading>();
  const readingOf = (task: TaskEntry): Reading => {
    const known = readings.get(task) ?? read(graph, task);
    readings.set(task, known);
    return known;
  };

  const renewTask = (name: string): TaskEntry | undefined | 'gone' => {
    const known = tasks.get(name);
    const row = view.has(name) ? pick(view, name, '*') : undefined;
    if (row === undefined || taskOf(row.manifest) === undefined) {
      if (known === undefined) return undefined;
      tasks.delete(name);
      known.root.task = undefined;
      for (const group of known.groups) graph.leave(known, group);
      graph.release(known.root);
      return 'gone';
    }
    const root = graph.nodeOf(row);
    if (known?.root === root) return undefined;
    const task: TaskEntry = known ?? { is: 'task', name, root, groups: new Set(), inputs: undefined };
    const { root: before } = task;
    task.root = root;
    root.task = task;
    if (before !== root) {
      before.task = undefined;
      graph.release(before);
    }
    tasks.set(name, task);
    return task;
  };

  for (const name of view.names()) {
    const task = renewTask(name);
    if (typeof task === 'object') task.inputs = inputsOf(lookAgain(graph, task));
  }
  graph.takeTouched();

  /** @param names that the view shows otherwise than before */
  const lookAtTouched = (names: Iterable<string>): ReadonlySet<string> => {
    const affected = new Set<string>();
    const joined: TaskEntry[] = [];
    for (const name of names) {
      const renewed = renewTask(name);
      if (renewed === undefined) continue;
      affected.add(name);
      if (renewed !== 'gone') joined.push(renewed);
    }
    const candidates = above(graph.takeTouched());
    for (const task of joined) candidates.add(task);
    if (hasPipe !== view.has(pipeName)) {
      hasPipe = !hasPipe;
      for (const task of tasks.values()) candidates.add(task);
    }
    for (const task of candidates) {
      if (tasks.get(task.name) !== task) continue;
      const reading = lookAgain(graph, task);
      const inputs = inputsOf(reading);
      readings.set(task, reading);
      if (inputs === undefined || !isSame(inputs, task.inputs)) affected.add(task.name);
      task.inputs = inputs;
    }
    // Looking again joins and leaves groups; what that touches was looked at just now.
    graph.takeTouched();
    return affected;
  };

  return {
    task: (name) => tasks.get(name)?.root.row,
    resolve(name) {
      const task = tasks.get(name);
      if (task === undefined) return undefined;
      return task.inputs === undefined
        ? resolveTask(view, task.root.row)
        : { ok: true, lock: runLockOf(graph, readingOf(task)) };
    },
    isMissing: (name) => tasks.get(name)?.inputs === undefined,
    *tasks() {
      for (const { root } of tasks.values()) yield root.row;
    },
    closure(name) {
      const task = tasks.get(name);
      return task === undefined ? [] : readingOf(task).closure.map(({ row }) => row);
    },
    wishes(name) {
      const task = tasks.get(name);
      return task === undefined ? [] : readingOf(task).closure.map(wishesOf);
    },
    askers(name) {
      const asking = graph.askers(name);
      return asking.length === 0 ? nobody : Array.from(above(asking), (task) => task.name);
    },
    changed(name, published) {
      readings.clear();
      graph.changed(name, published);
      return lookAtTouched([name]);
    },
    changedAll(names) {
      readings.clear();
      for (const name of names) graph.changed(name, undefined);
      return lookAtTouched(names);
    },
  };
}

/** The tasks in whose closure one of these is. */
function above(touched: Iterable<User>): Set<TaskEntry> {
  const found = new Set<TaskEntry>();
  const seen = new Set<Node>();
  const waiting = [...touched];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    if (one.is === 'task') {
      found.add(one);
      continue;
    }
    if (seen.has(one)) continue;
    seen.add(one);
    if (one.task !== undefined) found.add(one.task);
    for (const { users } of one.pickedBy) for (const user of users) waiting.push(user);
  }
  return found;
}
