/** An index as the registry shows it, what is held back from the open wave included. */
import { buildView } from '@pipl/packl';
import type { IndexName, Row, TagRow, View } from '@pipl/packl';
import { nearnessOf, shownIn } from './shown.ts';
import type { State } from './types.ts';

/** Of this moment: whoever asks uses it before the state moves on. */
export function wholeView(state: State, index: IndexName): View {
  const { projection, records } = state;
  if (records.held.size === 0) return shownIn(state, index).view;
  let { indexes } = projection;
  const rows = new Map<string, Row>();
  const tags = new Map<string, TagRow>();
  for (const held of records.held.values()) if (held.table === 'indexes') indexes = held.after;
  const nearness = nearnessOf({ indexes }, index);
  for (const named of projection.rows.values())
    for (const [key, row] of named) if (nearness.has(row.index)) rows.set(key, row);
  for (const named of projection.tags.values()) for (const [key, tag] of named) tags.set(key, tag);
  for (const held of records.held.values()) {
    if (held.table === 'rows') put(rows, held.key, held.after);
    else if (held.table === 'tags') put(tags, held.key, held.after);
  }
  return buildView({ index, indexes, rows: rows.values(), tags: tags.values() });
}

function put<Value>(map: Map<string, Value>, key: string, value: Value | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}
