/**
 * Login through a web page: a program begins it and is given two addresses, one to open in a browser and one to
 * ask until somebody has logged in there. The second is a secret that the page never sees, so that who is shown
 * the page's address gets nothing by it. The page says which machine asked; both end after ten minutes.
 */
import { hash, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { piplError, PiplError } from '@pipl/packl';
import { trailOf } from './audit.ts';
import { bodyOf } from '../body.ts';
import { answerJson, parsedJson, readBody } from '../http.ts';
import type { NpmParts, NpmRequest } from '../publishing/npm-writes.ts';
import { smallBody } from './routes-people.ts';
import { TooManyTries } from './throttle.ts';

const minutes = 10;
const mostFromOneAddress = 20;
const hashOf = (secret: string) => hash('sha256', secret, 'hex');
const secret = () => randomBytes(24).toString('base64url');

const over = () =>
  piplError('notFound', 'PIPL_LOGIN_OVER', {
    what: 'This login has ended.',
    why: `It was used, or it is older than ${minutes} minutes.`,
    hint: 'Begin again in the terminal.',
  });

async function begin({ store }: NpmParts, { request, response, outside, index }: NpmRequest): Promise<void> {
  const sent = (await readBody(request, smallBody)).toString();
  // yarn sends nothing at all.
  const { hostname } = (sent === '' ? {} : bodyOf(parsedJson(sent))) as { hostname?: unknown };
  const now = store.now();
  const old = store.db.deleteFrom('registry_web_logins').where('expires_at', '<', now.toISOString());
  await old.execute();
  const { address } = outside;
  const open = await store.db
    .selectFrom('registry_web_logins')
    .select('id')
    .where('asked_from', '=', address)
    .limit(mostFromOneAddress)
    .execute();
  if (open.length >= mostFromOneAddress) throw new TooManyTries(60);
  const [login, poll] = [secret(), secret()];
  await store.db
    .insertInto('registry_web_logins')
    .values({
      id: hashOf(login),
      poll: hashOf(poll),
      asked_from: address,
      machine: typeof hostname === 'string' ? hostname.slice(0, 100) : null,
      user_name: null,
      expires_at: new Date(now.getTime() + minutes * 60_000).toISOString(),
    })
    .execute();
  const base = `${outside.origin}${outside.prefix}/${index}/-/v1`;
  answerJson(response, { loginUrl: `${base}/login/${login}`, doneUrl: `${base}/done/${poll}` });
}

/** What the program asks until somebody has logged in. The token is made when it is taken, and given once. */
async function done({ store, tokens }: NpmParts, { response }: NpmRequest, poll: string): Promise<void> {
  const row = await store.db
    .selectFrom('registry_web_logins')
    .selectAll()
    .where('poll', '=', hashOf(poll))
    .where('expires_at', '>', store.now().toISOString())
    .executeTakeFirst();
  if (row === undefined) throw over();
  if (row.user_name === null) {
    response.setHeader('retry-after', '1');
    return answerJson(response, {}, 202);
  }
  const taken = await store.db
    .deleteFrom('registry_web_logins')
    .where('id', '=', row.id)
    .returning('id')
    .executeTakeFirst();
  if (taken === undefined) throw over();
  answerJson(response, { token: await tokens.forUser(row.user_name) });
}

const escaped = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

function answerPage(
  response: ServerResponse,
  { status, lines }: { status: number; lines: readonly string[] },
): void {
  const style =
    'body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:12vh auto;padding:0 1rem}' +
    'label{display:block;margin:.8rem 0}input{width:100%;font:inherit;padding:.4rem;box-sizing:border-box}' +
    'button{font:inherit;padding:.4rem 1.2rem}.wrong{color:#b00020}';
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Log in</title><style>${style}</style><main>${lines.join('\n')}</main></html>`;
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    // With none at all, a browser would send the form with `Origin: null`.
    'referrer-policy': 'same-origin',
    'x-frame-options': 'DENY',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  });
  response.end(html);
}

const form = (
  { machine, asked_from: from }: { machine: string | null; asked_from: string },
  wrong?: string,
) => [
  '<h1>Log in</h1>',
  `<p>A program on <strong>${escaped(machine ?? 'a machine')}</strong> (${escaped(from)}) wants to act as you.
Go on only if you have just started it yourself.</p>`,
  ...(wrong === undefined ? [] : [`<p class="wrong" role="alert">${escaped(wrong)}</p>`]),
  `<form method="post"><label>User <input name="username" autocomplete="username" required autofocus></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button>Log in</button></form>`,
];

async function page(parts: NpmParts, asked: NpmRequest, id: string): Promise<void> {
  const { store, users } = parts;
  const { request, response, outside } = asked;
  const row = await store.db
    .selectFrom('registry_web_logins')
    .selectAll()
    .where('id', '=', hashOf(id))
    .where('expires_at', '>', store.now().toISOString())
    .executeTakeFirst();
  if (row === undefined || row.user_name !== null) {
    const lines = ['<h1>This login has ended</h1>', '<p>Begin again in the terminal.</p>'];
    return answerPage(response, { status: 404, lines });
  }
  if (request.method !== 'POST') return answerPage(response, { status: 200, lines: form(row) });
  const given = new URLSearchParams((await readBody(request, smallBody)).toString());
  const user = given.get('username') ?? '';
  Object.assign(trailOf(request), { who: user, action: 'login' });
  try {
    await users.check({ user, password: given.get('password') ?? '', address: outside.address });
  } catch (error) {
    if (!(error instanceof PiplError)) throw error;
    trailOf(request).outcome = error.code;
    if (error instanceof TooManyTries) response.setHeader('retry-after', error.retryAfter);
    const status = error instanceof TooManyTries ? 429 : 401;
    return answerPage(response, { status, lines: form(row, `${error.message} ${error.hint ?? ''}`) });
  }
  await store.db
    .updateTable('registry_web_logins')
    .set({ user_name: user })
    .where('id', '=', row.id)
    .where('user_name', 'is', null)
    .execute();
  const lines = ['<h1>You are logged in</h1>', '<p>Close this page and go on in the terminal.</p>'];
  answerPage(response, { status: 200, lines });
}

/** @param path decoded, below the index @returns false when it is another path */
export async function answerWebLogin(parts: NpmParts, asked: NpmRequest, path: string): Promise<boolean> {
  const { method = 'GET' } = asked.request;
  const [, what, part] = /^\/-\/v1\/(login|done)(?:\/([\w-]+))?$/.exec(path) ?? [];
  if (what === 'login' && part === undefined && method === 'POST') await begin(parts, asked);
  else if (what === 'login' && part !== undefined && /^(?:GET|HEAD|POST)$/.test(method))
    await page(parts, asked, part);
  else if (what === 'done' && part !== undefined && method === 'GET') await done(parts, asked, part);
  else return false;
  return true;
}
