/**
 * Searching, for the web pages and for `npm search`: names, descriptions and keywords of what an index and its
 * bases own. Verdaccio's own keeps one list for the whole process, and leaves out what pnpm insists on.
 */
import type { Asked } from '../context.ts';
import type { Packument } from '../reading/packument.ts';
import type { Reads } from '../reading/reads.ts';

type Version = Packument['versions'][string];

const mostShown = 250;

const latestOf = (document: Packument | undefined): Version | undefined =>
  document?.versions[document['dist-tags']['latest'] ?? ''];

/** The latest version of each packl whose name has the term in it. */
export async function searchForPages(reads: Reads, { order }: Asked, term: string): Promise<Version[]> {
  const names = (await reads.names(order)).filter((name) => name.includes(term.toLowerCase()));
  const documents = await Promise.all(names.slice(0, 20).map((name) => reads.packument(order, name, 'full')));
  return documents.map(latestOf).filter((version) => version !== undefined);
}

const words = (version: Version): string => {
  const { name, description, keywords } = version as Record<string, unknown>;
  return [name, description, keywords].flat().join(' ').toLowerCase();
};

/** A name that is the term first, then names that hold it, then the rest. */
const rank = (name: string, terms: readonly string[]): number => {
  const bare = name.slice(name.indexOf('/') + 1);
  if (terms.some((term) => term === name || term === bare)) return 1;
  return terms.some((term) => name.includes(term)) ? 0.5 : 0.25;
};

function asResult(document: Packument, version: Version, score: number) {
  const { name, description, keywords, maintainers } = version as Record<string, unknown>;
  const number = String((version as Record<string, unknown>)['version']);
  const date = (document['time'] as Record<string, string> | undefined)?.[number];
  return {
    package: {
      name,
      version: number,
      description: typeof description === 'string' ? description : '',
      keywords: Array.isArray(keywords) ? keywords : [],
      date,
      links: {},
      publisher: publisherIn(maintainers),
      maintainers: Array.isArray(maintainers) ? maintainers.map((one) => publisherIn([one])) : [],
    },
    score: { final: score, detail: { quality: score, popularity: 0, maintenance: 0 } },
    searchScore: score,
  };
}

/** npm calls the same thing `username` here and `name` elsewhere. */
function publisherIn(maintainers: unknown) {
  const [first] = Array.isArray(maintainers) ? (maintainers as { name?: string }[]) : [];
  const name = first?.name ?? '';
  return { name, username: name, email: '' };
}

/** Answers `/-/v1/search?text=…&size=…&from=…`. */
export async function searchForClients(
  reads: Reads,
  { order }: Asked,
  query: URLSearchParams,
): Promise<unknown> {
  const terms = (query.get('text') ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((term) => term !== '');
  const number = (key: string, otherwise: number) =>
    Math.max(0, Math.trunc(Number(query.get(key) ?? otherwise)) || 0);
  const [from, size] = [number('from', 0), Math.min(number('size', 20), mostShown)];
  const found: { document: Packument; version: Version; score: number }[] = [];
  for (const name of await reads.names(order)) {
    const document = await reads.packument(order, name, 'full');
    const version = latestOf(document);
    if (document === undefined || version === undefined) continue;
    const all = words(version);
    if (terms.every((term) => all.includes(term)))
      found.push({ document, version, score: rank(name, terms) });
  }
  const shown = found.toSorted((one, other) => other.score - one.score).slice(from, from + size);
  return {
    objects: shown.map(({ document, version, score }) => asResult(document, version, score)),
    total: found.length,
    time: new Date().toISOString(),
  };
}
