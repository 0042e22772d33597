/**
 * Statements that every publish asks: written with Kysely, compiled once for a database, from then on only given
 * their values. Building and compiling one takes longer than SQLite takes to answer it.
 */
import type { Compilable, CompiledQuery } from 'kysely';
import { askDirectly } from './sqlite.ts';
import type { Queries } from './tables.ts';

/** No value begins so: a NUL is refused wherever text comes in. */
const mark = '\u0000';

const isNamed = (parameter: unknown): parameter is string =>
  typeof parameter === 'string' && parameter.startsWith(mark);

/**
 * @param names of the values @param build gets a stand-in for each, to be put where the value belongs
 * @returns asks it; the rows of the answer
 */
export function statement<Name extends string, Row>(
  names: readonly Name[],
  build: (db: Queries, standIns: Readonly<Record<Name, never>>) => Compilable<Row>,
): (db: Queries, values: Readonly<Record<Name, unknown>>) => Promise<Row[]> {
  const compiled = new WeakMap<object, CompiledQuery<Row>>();
  const standIns = Object.fromEntries(names.map((name) => [name, `${mark}${name}`])) as Record<Name, never>;
  return async (db, values) => {
    const { adapter } = db.getExecutor();
    const known = compiled.get(adapter) ?? build(db, standIns).compile();
    compiled.set(adapter, known);
    const parameters = known.parameters.map((one) =>
      isNamed(one) ? values[one.slice(mark.length) as Name] : one,
    );
    return askFor<Row>(db, { ...known, parameters });
  };
}

/** In a transaction of SQLite at once: the queue for its connection costs more than the answer. @returns the rows */
export async function askFor<Row>(db: Queries, query: CompiledQuery<Row>): Promise<Row[]> {
  return askDirectly(db, query) ?? (await db.executeQuery<Row>(query)).rows;
}
