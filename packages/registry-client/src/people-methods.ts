/** The part of the client about people. */
import type { PeopleClient } from './people-words.ts';
import type { Ask } from './request.ts';

const api = '/-/pipl/v1';
const encode = encodeURIComponent;

export const peopleMethods = (json: <T>(ask: Ask) => Promise<T>): PeopleClient => ({
  whoami: () => json({ path: `${api}/whoami` }),
  setUser: (name, body) => json({ method: 'PUT', path: `${api}/users/${encode(name)}`, body }),
  async removeUser(name) {
    await json({ method: 'DELETE', path: `${api}/users/${encode(name)}` });
  },
  tokens: async (user) => (await json<{ tokens: [] }>({ path: `${api}/tokens`, query: { user } })).tokens,
  createToken: (body) => json({ method: 'POST', path: `${api}/tokens`, body }),
  async revokeToken(id, user) {
    await json({ method: 'DELETE', path: `${api}/tokens/${encode(id)}`, query: { user } });
  },
  async logout() {
    await json({ method: 'POST', path: `${api}/logout`, body: {} });
  },
  audit: (query = {}) => json({ path: `${api}/audit`, query }),
});
