/**
 * What may be asked of an index, and the index as it will be. Pure.
 *
 * Whether the users and groups it names exist, and whether its upstream may be called, is looked up elsewhere.
 */
import { indexName, piplError, type IndexName, type PiplError } from '@pipl/packl';
import type { HandlerGrant, IndexSettings, IndexView } from '@pipl/registry-client';
import type { Body } from '../body.ts';
import { indexIn, lineage } from './indexes.ts';
import { retentionIn } from '../upkeep/retention-policy.ts';
import { everybody, everyUser } from '../people/rights.ts';

export interface IndexChange extends IndexSettings {
  /** its URL comes from this machine's own configuration: it may be a private address. Never from a request */
  readonly near?: boolean;
}

const wrong = (what: string, why: string, hint: string): PiplError =>
  piplError('invalid', 'PIPL_INDEX', { what, why, hint });

const longestList = 1000;
const principalPattern = /^:?[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const allowPattern = /^(?:@[a-z0-9~*][a-z0-9._~*-]*\/)?[A-Za-z0-9~*_][A-Za-z0-9._~*-]*$/;
const grantPattern = /^([A-Za-z0-9][A-Za-z0-9._-]{0,63})@(.+)$/;

/** `qa@alice/stage` @throws PIPL_INDEX PIPL_INDEX_NAME */
export function grantIn(text: string): HandlerGrant {
  const [, handler, from] = grantPattern.exec(text) ?? [];
  if (handler === undefined || from === undefined) {
    throw wrong(
      `"${text}" does not name a handler.`,
      'It is written handler@owner/index.',
      'For example qa@alice/stage.',
    );
  }
  return { handler, from: indexName(from) };
}

function listIn(body: Body, field: string): readonly string[] | null | undefined {
  const value = body[field];
  if (value === undefined || value === null) return value;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length <= longestList && list.every((entry) => typeof entry === 'string')) return list;
  throw piplError('usage', 'PIPL_BODY', {
    what: `The request has no usable ${field}.`,
    why: `"${field}" must be a list of at most ${longestList} texts, or null for the default.`,
    hint: `For example "${field}": [":AUTHENTICATED:"].`,
  });
}

function rightsIn(body: Body, field: string): readonly string[] | null | undefined {
  const list = listIn(body, field);
  const bad = list?.find(
    (entry) => entry !== everybody && entry !== everyUser && !principalPattern.test(entry),
  );
  if (bad === undefined) return list === null || list === undefined ? list : [...new Set(list)];
  throw wrong(
    `"${bad}" cannot be given a right.`,
    `Rights are for users, :groups, ${everyUser} (who has logged in) and ${everybody} (everybody).`,
    'For example alice or :supervisors.',
  );
}

function allowIn(body: Body): readonly string[] | null | undefined {
  const list = listIn(body, 'allow');
  const bad = list?.find((entry) => !allowPattern.test(entry));
  if (bad === undefined) return list;
  throw wrong(
    `"${bad}" is no name of a package.`,
    'A mirror allows names; * stands for any part of one.',
    'For example lodash or @types/*.',
  );
}

/** Bytes of a document that a mirror takes from its upstream, unpacked, unless it is told otherwise. */
export const largestDocument = 128 * 1024 * 1024;
const documentLimits = { least: 1024 * 1024, most: 2 * 1024 * 1024 * 1024 };

function documentLimitIn(body: Body): number | null | undefined {
  const value = body['largestDocument'];
  if (value === undefined || value === null) return value;
  const { least, most } = documentLimits;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw wrong(
    `${String(value).slice(0, 100)} is no limit for the documents of an upstream.`,
    `It is a whole number of bytes, from ${least} to ${most}; null is the default, ${largestDocument}.`,
    'For example --largest-document 256, in megabytes.',
  );
}

const flagIn = (body: Body, field: string): boolean | undefined => {
  const value = body[field];
  if (value === undefined || typeof value === 'boolean') return value;
  throw piplError('usage', 'PIPL_BODY', {
    what: `The request has no usable ${field}.`,
    why: `"${field}" must be true or false.`,
    hint: `Send "${field}": true.`,
  });
};

/** A request's body. @throws PIPL_BODY PIPL_INDEX PIPL_INDEX_NAME */
export function indexChangeIn(body: Body): IndexChange {
  const bases = listIn(body, 'bases');
  const handlers = listIn({ handlers: grantTexts(body['handlers']) }, 'handlers');
  const mirror = body['mirror'];
  const given = {
    bases: bases === null ? [] : bases?.map((base) => indexName(base)),
    volatile: flagIn(body, 'volatile'),
    fresh: flagIn(body, 'fresh'),
    mirror: typeof mirror === 'string' ? mirror : undefined,
    allow: allowIn(body),
    read: rightsIn(body, 'read'),
    publish: rightsIn(body, 'publish'),
    promote: rightsIn(body, 'promote'),
    handlers: handlers === null ? null : handlers?.map(grantIn),
    retention: retentionIn(body['retention']),
    largestDocument: documentLimitIn(body),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** Grants may come as they are shown, or as text. */
const grantTexts = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map((one: unknown) => {
        const { handler, from } = (one ?? {}) as Partial<HandlerGrant>;
        return typeof one === 'object' ? `${handler ?? ''}@${from ?? ''}` : one;
      })
    : value;

const isPlain = ({ protocol, username, password }: URL) =>
  /^https?:$/.test(protocol) && username === '' && password === '';

function refuseMirror({ name, bases, mirror, volatile }: IndexView, before: IndexView | undefined): void {
  if (before !== undefined && before.mirror !== mirror) {
    throw wrong(
      `${name} cannot become a mirror.`,
      'It holds packls of its own, or may.',
      'Create another index for it.',
    );
  }
  const upstream = mirror === undefined ? undefined : URL.parse(mirror);
  if (upstream === null || (upstream !== undefined && !isPlain(upstream))) {
    throw wrong(
      `${name} cannot mirror that address.`,
      'An upstream registry is an http or https URL without a user or password: everybody can read it here.',
      'Give its plain URL.',
    );
  }
  if (mirror !== undefined && (bases.length > 0 || volatile)) {
    throw wrong(
      `${name} cannot have bases, nor be volatile.`,
      'A mirror holds what its upstream holds.',
      'Give the bases to another index.',
    );
  }
}

function refuseCircle(indexes: ReadonlyMap<IndexName, IndexView>, { name, bases }: IndexView): void {
  for (const base of bases) {
    indexIn(indexes, indexName(base));
    if (!lineage(indexes, base).some((index) => index.name === name)) continue;
    throw wrong(
      `${name} cannot inherit from ${base}.`,
      base === name ? 'An index does not inherit from itself.' : `${base} inherits from ${name}.`,
      'Choose bases without a circle.',
    );
  }
}

const optional = ['allow', 'read', 'publish', 'promote', 'handlers', 'retention', 'largestDocument'] as const;

/** The index as it will be. @throws PIPL_INDEX PIPL_INDEX_NAME PIPL_NO_INDEX PIPL_INDEX_EXISTS */
export function changedIndex(
  indexes: ReadonlyMap<IndexName, IndexView>,
  name: IndexName,
  change: IndexChange,
): IndexView {
  indexName(name);
  const before = indexes.get(name);
  if (before !== undefined && change.fresh === true) {
    throw piplError('conflict', 'PIPL_INDEX_EXISTS', {
      what: `There is an index ${name} already.`,
      why: 'A name belongs to one index.',
      hint: 'Choose another name; `pipl proj index list-indexes` lists them.',
    });
  }
  const mirror = change.mirror ?? before?.mirror;
  const settings = optional.map((key) => [key, change[key] === undefined ? before?.[key] : change[key]]);
  const after: IndexView = {
    name,
    bases: [...new Set(change.bases ?? before?.bases ?? [])],
    volatile: change.volatile ?? before?.volatile ?? false,
    ...(mirror === undefined ? {} : { mirror }),
    ...((before === undefined ? change.near : before.near) === true ? { near: true } : {}),
    ...Object.fromEntries(settings.filter(([, value]) => value !== undefined && value !== null)),
    ...(before?.gate === undefined ? {} : { gate: before.gate }),
  };
  refuseMirror(after, before);
  if (after.allow !== undefined && mirror === undefined) {
    throw wrong(
      `${name} cannot have a list of allowed names.`,
      'It is no mirror: it holds what is published to it.',
      'Give the list to the mirror that it inherits from.',
    );
  }
  if (after.largestDocument !== undefined && mirror === undefined) {
    throw wrong(
      `${name} cannot have a limit for documents of an upstream.`,
      'It is no mirror: it has no upstream.',
      'Give the limit to the mirror that it inherits from.',
    );
  }
  if (before?.volatile === false && after.volatile) {
    throw wrong(
      `${name} cannot become volatile.`,
      'It is stable: others rely on its versions never changing.',
      'Create another index for what changes.',
    );
  }
  if (after.retention !== undefined && !after.volatile) {
    throw wrong(
      `${name} cannot let versions go.`,
      'It is stable: others rely on its versions staying.',
      'Set it on a volatile index.',
    );
  }
  refuseCircle(indexes, after);
  for (const { from } of after.handlers ?? []) indexIn(indexes, from);
  return after;
}

/** What is kept beside the plain columns. */
export const settingsOf = (view: IndexView): string | null => {
  const kept = [...optional, 'near' as const].flatMap((key) =>
    view[key] === undefined ? [] : [[key, view[key]] as const],
  );
  return kept.length === 0 ? null : JSON.stringify(Object.fromEntries(kept));
};
