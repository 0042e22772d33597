/** The routes of `/-/pipl/v1/` about what made what: a run has its products attested, people ask. */
import { indexName, piplError, searchOrder, type IndexName, type KnownRun } from '@pipl/packl';
import type { ExtraRoutes, Registry } from '@pipl/registry';
import type { LineageDirection } from '@pipl/registry-client';
import type { Kysely } from 'kysely';
import type { Reactor } from '../reactor.ts';
import type { State } from '../step/index.ts';
import { visibleVersions } from '../visible-state.ts';
import type { CiTables } from '../tables.ts';
import { attest, runThatAsks } from './attest.ts';
import type { Contents } from './contents.ts';
import { evidenceFor } from './evidence.ts';
import { lineage, rowsNamed } from './lineage.ts';
import { heldBy, keepPoints, knownPoints } from './points.ts';

type Asked = Parameters<ExtraRoutes>[2];
type Route = (asked: Asked, reactor: Reactor, ...parts: string[]) => Promise<unknown>;

export interface ProvenanceParts {
  readonly registry: () => Pick<Registry, 'attest' | 'vouched'>;
  readonly contents: Contents;
  readonly db: Kysely<CiTables>;
  readonly builder: () => KnownRun['builder'];
}

export const provenanceRoutes = ({
  registry,
  contents,
  db,
  builder,
}: ProvenanceParts): (readonly [method: string, path: RegExp, route: Route])[] => [
  [
    'POST',
    /^\/runs\/([^/]+)\/attest$/,
    async ({ principal, body }, { state }, attempt) => {
      const sign = registry().attest;
      const asked = { attempt: attempt!, principal, body: await body() };
      const now = () => new Date();
      const { envelopes, ...made } = attest({ state, sign, builder: builder(), now }, asked);
      await keepPoints(db, { ...made, at: now().toISOString() });
      return { envelopes };
    },
  ],
  [
    'POST',
    /^\/runs\/([^/]+)\/points$/,
    async ({ principal, body, mayRead }, { state }, attempt) => {
      const { ticket } = runThatAsks(state, { attempt: attempt!, principal });
      const holds = heldBy(state, contents);
      return { points: await knownPoints(db, { ticket, body: await body(), mayRead, holds }) };
    },
  ],
  [
    'GET',
    /^\/evidence$/,
    async ({ query, mayRead }, here) => {
      const state = visibleVersions(here.state, mayRead);
      return evidenceFor(state, await meant(state, contents, query), {
        vouched: registry().vouched,
        tree: contents.tree,
      });
    },
  ],
  [
    'GET',
    /^\/lineage$/,
    async ({ query, mayRead }, here) => {
      const state = visibleVersions(here.state, mayRead);
      const from = (await meant(state, contents, query)).map(({ row }) => row);
      return lineage(state, { direction: directionIn(query), from, code: query.get('code') === '1' });
    },
  ],
];

/** The versions that a question names, or that hold the content that it names. */
async function meant(state: State, contents: Contents, query: URLSearchParams) {
  const [name, version] = [query.get('name'), query.get('version')];
  const subject =
    query.get('digest') ?? query.get('subject') ?? (name === null ? undefined : `${name}@${version ?? ''}`);
  if (subject === undefined) throw noSubject();
  if (/^sha256:[0-9a-f]{64}$/.test(subject)) return contents.holding(state.projection, subject);
  const asked = query.get('index');
  const index: IndexName | undefined = asked === null ? undefined : indexName(asked);
  const order = index === undefined ? [] : searchOrder(index, state.projection.indexes);
  return rowsNamed(state, { subject, index, order }).map((row) => ({ row }));
}

function directionIn(query: URLSearchParams): LineageDirection {
  const direction = query.get('direction') ?? 'up';
  if (direction === 'up' || direction === 'down') return direction;
  throw piplError('usage', 'PIPL_USAGE', {
    what: `direction=${direction} is no direction.`,
    why: 'It is up (what made it) or down (what was made of it).',
    hint: 'For example direction=up.',
  });
}

const noSubject = () =>
  piplError('usage', 'PIPL_USAGE', {
    what: 'The question names nothing.',
    why: 'It is asked about a version or about a content.',
    hint: 'For example subject=@film/movie@1.0.0, or digest=sha256:….',
  });
