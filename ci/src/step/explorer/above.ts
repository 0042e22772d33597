/**
 * Whether what is above a task has settled, by straight recursion over the manifests that are shown: nothing of the
 * step's own remembered answers is asked, and nothing is remembered beyond one look.
 */
import type { IndexName } from '@pipl/packl';
import { admits } from '../flow.ts';
import type { Live } from '../state.ts';
import type { TaskRecord } from '../types.ts';
import { taskKey } from '../types.ts';

/** What the task's inputs are, by its record: whether that is right is asked at rest, from scratch. */
export const hashIn = ({ records }: Live, index: IndexName, task: string): string | undefined =>
  records.tasks.get(taskKey(index, task))?.lock;

interface Asked {
  readonly index: IndexName;
  readonly task: string;
}

/** What was found above a task while one start is looked at; of one that is just being looked at: it feeds itself. */
type Found = Map<string, string | undefined>;

function once(found: Found, key: string, look: () => string | undefined): string | undefined {
  if (found.has(key)) return found.get(key);
  found.set(key, 'it feeds itself');
  const trouble = look();
  found.set(key, trouble);
  return trouble;
}

/** Why a task may not start or begin yet: what it reads is not what it will be. undefined: it may */
export const troubleAbove = (
  state: Live,
  { index, task }: Asked,
  found: Found = new Map(),
): string | undefined =>
  once(found, `above ${index} ${task}`, () => {
    const place = state.lens.places.get(index)!;
    for (const { manifest } of place.closure(task)) {
      for (const [name, range] of Object.entries(manifest.dependencies ?? {})) {
        for (const maker of place.makers(name)) {
          const record = state.records.tasks.get(taskKey(index, maker));
          const from = record?.status.is === 'inherited' ? record.status.from : index;
          const at = { index: from, task: maker };
          const trouble = troubleWith(state, at, { name, range }) ?? troubleAbove(state, at, found);
          if (trouble !== undefined) return trouble;
        }
        for (const base of place.nearness.keys()) {
          const others = base === index ? [] : (state.lens.places.get(base)?.makers(name) ?? []);
          for (const maker of others) {
            const trouble = comingFrom(state, { index: base, task: maker, name, range }, found);
            if (trouble !== undefined) return trouble;
          }
        }
      }
    }
    return undefined;
  });

/** What a base makes comes to its children too: it is waited for, unless nothing comes because somebody failed. */
function comingFrom(
  state: Live,
  { name, range, ...at }: Asked & { readonly name: string; readonly range: string },
  found: Found,
): string | undefined {
  const { is } = state.records.tasks.get(taskKey(at.index, at.task))!.status;
  if (is === 'failed' || is === 'blocked') return undefined;
  const trouble = troubleWith(state, at, { name, range });
  if (trouble !== undefined) return `${trouble} in ${at.index}`;
  return once(found, `coming ${at.index} ${at.task}`, () => {
    const place = state.lens.places.get(at.index)!;
    for (const { manifest } of place.closure(at.task)) {
      for (const [asked, its] of Object.entries(manifest.dependencies ?? {})) {
        for (const task of place.makers(asked)) {
          const coming = comingFrom(state, { index: at.index, task, name: asked, range: its }, found);
          if (coming !== undefined) return coming;
        }
      }
    }
    return undefined;
  });
}

function troubleWith(
  state: Live,
  { index, task: maker }: { readonly index: IndexName; readonly task: string },
  { name, range }: { readonly name: string; readonly range: string },
): string | undefined {
  const record: TaskRecord | undefined = state.records.tasks.get(taskKey(index, maker));
  const hash = hashIn(state, index, maker);
  if (record === undefined) return `${maker} is unknown`;
  if (record.attempt !== undefined) {
    const run = state.records.runs.get(record.attempt)!;
    if (run.lock.hash !== hash) return `${maker} runs on inputs that are no longer right`;
    return run.products.some((one) => one.name === name && admits(range, one.version))
      ? `${maker} will make ${name}`
      : undefined;
  }
  if (hash === undefined) return `${maker} has no inputs`;
  if (record.success?.lock === hash) return undefined;
  return record.failed[hash] === undefined ? `${maker} is not up to date` : `${maker} failed`;
}
