/** The lines of the HTTP API about indexes, who may use them, and what moves between them. */
import type { IndexesClient } from './index-words.ts';
import type { Ask } from './request.ts';

type Json = <T>(ask: Ask) => Promise<T>;

const api = '/-/pipl/v1';
const encode = encodeURIComponent;

export const indexMethods = (json: Json) =>
  ({
    indexes: async () => (await json<{ indexes: [] }>({ path: `${api}/indexes` })).indexes,
    setIndex: (name, body) => json<never>({ method: 'PUT', path: `${api}/indexes/${name}`, body }),
    removeIndex: (name, { force = false, message } = {}) => {
      const query = { force: force ? 1 : undefined, message };
      return json<never>({ method: 'DELETE', path: `${api}/indexes/${name}`, query });
    },
    groups: async () => (await json<{ groups: [] }>({ path: `${api}/groups` })).groups,
    setGroup: (name, members) =>
      json<never>({ method: 'PUT', path: `${api}/groups/${encode(name)}`, body: { members } }),
    removeGroup: async (name) => {
      await json({ method: 'DELETE', path: `${api}/groups/${encode(name)}` });
    },
    deprecate: async (index, body) => {
      await json({ method: 'PUT', path: `${api}/indexes/${index}/deprecate`, body });
    },
    withdraw: (index, body) => json<never>({ method: 'PUT', path: `${api}/indexes/${index}/withdraw`, body }),
    dependents: async (index, query) =>
      (await json<{ dependents: [] }>({ path: `${api}/indexes/${index}/dependents`, query: { ...query } }))
        .dependents,
    promote: (to, body) => json<never>({ method: 'POST', path: `${api}/indexes/${to}/promote`, body }),
    judge: (index, body) => json<never>({ method: 'POST', path: `${api}/indexes/${index}/verdicts`, body }),
    places: async (query) =>
      (await json<{ places: [] }>({ path: `${api}/places`, query: { ...query } })).places,
    verdicts: async (index, query) =>
      (await json<{ verdicts: [] }>({ path: `${api}/indexes/${index}/verdicts`, query: { ...query } }))
        .verdicts,
  }) satisfies IndexesClient;
