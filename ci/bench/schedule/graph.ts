/**
 * The graph that every scheduler of this benchmark is given: ten layers of tasks, each reading three values and
 * writing one. What a task does is so little that the time measured is the scheduler's.
 *
 * ```
 *  source i ─┐
 *  left     ─┼─► 0/i ─┬─► 1/i-1          a task of a later layer reads its three neighbours above, in a ring:
 *  right    ─┘        ├─► 1/i            a changed source reaches 1 + 3 + 5 + … + 19 = 100 tasks
 *                     └─► 1/i+1
 * ```
 * Only the first line of a source is read, so a change of the second leaves every result as it was.
 */
export const layers = 10;

export interface Task {
  readonly name: string;
  readonly layer: number;
  /** three names of sources or tasks */
  readonly reads: readonly [string, string, string];
}

export interface Graph {
  readonly sources: readonly string[];
  /** a task comes after what it reads */
  readonly tasks: readonly Task[];
}

export function graphOf(count: number): Graph {
  const width = Math.max(3, Math.round(count / layers));
  const at = (layer: number, place: number) => `t${layer}-${(place + width) % width}`;
  const tasks = Array.from({ length: layers * width }, (_, index): Task => {
    const layer = Math.floor(index / width);
    const place = index % width;
    const reads = [place - 1, place, place + 1].map((near) => at(layer - 1, near));
    return {
      name: at(layer, place),
      layer,
      reads: layer === 0 ? [`s${place}`, 'left', 'right'] : (reads as [string, string, string]),
    };
  });
  const sources = ['left', 'right', ...Array.from({ length: width }, (_, place) => `s${place}`)];
  return { sources, tasks };
}

/** The tasks that a changed source reaches. */
export function below({ tasks }: Graph, source: string): Set<string> {
  const reached = new Set([source]);
  for (const { name, reads } of tasks) if (reads.some((read) => reached.has(read))) reached.add(name);
  reached.delete(source);
  return reached;
}

/** The source that is changed. */
export const changed = 's1';

/** What a source holds: a number that is read, and a line that is not. */
export const sourceText = (graph: Graph, name: string, { value = 0, remark = '' } = {}): string =>
  `${graph.sources.indexOf(name) + 1 + value}\n# ${remark}\n`;

/** `$1 $2 $3` are read, `$4` is written. Nothing but the shell's own words: one process a task. */
export const script =
  'read -r a < "$1"; read -r b < "$2"; read -r c < "$3"; echo $(((3 * a + 5 * b + 7 * c + 1) % 1000003)) > "$4"';

/** The number that a source holds. */
export const sourceValue = (graph: Graph, name: string, value = 0): number =>
  Number.parseInt(sourceText(graph, name, { value }), 10);

/** Every result, as the script would write it, when the one source that changes holds `value` more. */
export const results = (graph: Graph, value = 0): Map<string, number> =>
  resultsOf(
    graph,
    new Map(graph.sources.map((name) => [name, sourceValue(graph, name, name === changed ? value : 0)])),
  );

/** @param sources what each of them holds */
export function resultsOf(graph: Graph, sources: ReadonlyMap<string, number>): Map<string, number> {
  const all = new Map(sources);
  for (const { name, reads } of graph.tasks) {
    const [a, b, c] = reads.map((read) => all.get(read) ?? Number.NaN) as [number, number, number];
    all.set(name, (3 * a + 5 * b + 7 * c + 1) % 1_000_003);
  }
  for (const source of graph.sources) all.delete(source);
  return all;
}
