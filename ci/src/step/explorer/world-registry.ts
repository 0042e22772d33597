/** A registry and its feed that only remember, and the people who change what stands there. */
import type { Change, IndexName, IndexShape, Row, TagRow } from '@pipl/packl';
import type { ChangeInput } from '../feed.ts';
import type { Rules } from '../rules.ts';
import { tagKey, versionKey } from '../types.ts';
import type { Op } from './engine-run.ts';
import { project } from './stage.ts';

export interface WorldOptions {
  readonly rules?: Rules;
  readonly indexes?: readonly IndexShape[];
  readonly handlers?: readonly IndexName[];
}

export class WorldRegistry {
  readonly rows: Map<string, Row>;
  readonly tags: Map<string, TagRow>;
  readonly feed: Change[];
  handlers: readonly IndexName[];
  indexes: readonly IndexShape[];
  seconds: number;

  constructor(
    { indexes = [{ name: project, bases: [] }], handlers = [project] }: WorldOptions,
    like: WorldRegistry | undefined,
  ) {
    this.indexes = like?.indexes ?? indexes;
    this.handlers = like?.handlers ?? handlers;
    this.rows = new Map(like?.rows);
    this.tags = new Map(like?.tags);
    this.feed = [...(like?.feed ?? [])];
    this.seconds = like?.seconds ?? 0;
  }

  now(): string {
    this.seconds += 1;
    return new Date(Date.UTC(2026, 0, 1) + this.seconds * 1000).toISOString();
  }

  inputOf(change: Change): ChangeInput {
    const row = this.rows.get(versionKey(change.index, change.name, change.version));
    const { indexes } = this;
    return {
      is: 'change',
      change,
      at: change.at,
      ...(row === undefined ? {} : { row }),
      ...(change.op === 'index' ? { indexes } : {}),
    };
  }

  note(op: Op): Change {
    const change: Change = { index: project, by: 'ana', ...op, seq: this.feed.length + 1, at: this.now() };
    this.feed.push(change);
    return change;
  }

  private change(
    op: 'withdraw' | 'deprecate' | 'undeprecate',
    { name, version, index }: { readonly name: string; readonly version: string; readonly index: IndexName },
  ): void {
    const key = versionKey(index, name, version);
    const { deprecated: _, ...row } = this.rows.get(key)!;
    const marks = { withdraw: { withdrawn: true }, deprecate: { deprecated: 'old' }, undeprecate: {} }[op];
    this.rows.set(key, { ...(op === 'withdraw' ? this.rows.get(key)! : row), ...marks });
    this.note({ op, index, name, version });
  }

  withdraw(name: string, version: string, index = project): void {
    this.change('withdraw', { name, version, index });
  }

  deprecate(name: string, version: string, index = project): void {
    this.change('deprecate', { name, version, index });
  }

  undeprecate(name: string, version: string, index = project): void {
    this.change('undeprecate', { name, version, index });
  }

  tag(name: string, tag: string, version: string): void {
    this.tags.set(tagKey(project, name, tag), { index: project, name, tag, version });
    this.note({ op: 'tag', name, version, tag });
  }

  untag(name: string, tag: string): void {
    this.tags.delete(tagKey(project, name, tag));
    this.note({ op: 'untag', name, version: '', tag });
  }
}
