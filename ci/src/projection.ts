/** The reactor's state as it was when the last server stopped: its records, and the registry at their cursor. */
import type { IndexName } from '@pipl/packl';
import type { Registry } from '@pipl/registry';
import {
  load,
  loadProjection,
  type Live,
  type Limits,
  type MetaRecord,
  type StoredRecord,
} from './step/index.ts';

const feedPage = 1000;

export async function loadState({
  records,
  registry,
  handlers,
  limits,
}: {
  records: readonly StoredRecord[];
  registry: Registry;
  handlers: readonly IndexName[];
  limits: Limits;
}): Promise<Live> {
  const meta = records.find(({ table }) => table === 'meta')?.value as MetaRecord | undefined;
  const [rows, tags, indexes] = [await registry.rows(), await registry.tags(), await registry.indexes()];
  const unseen = [];
  for (let since = meta?.cursor ?? 0; ;) {
    const { changes } = await registry.feed.read(since, feedPage);
    unseen.push(...changes);
    const last = changes.at(-1);
    if (last === undefined) break;
    since = last.seq;
  }
  return load(records, loadProjection({ rows, tags, indexes, handlers, limits, unseen }));
}
