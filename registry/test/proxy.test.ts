/** Behind a proxy with TLS and a sub-path every address follows; a header that a stranger made up counts for nothing. */
import { execFile, execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { request as ask } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished, expect, test } from 'vitest';
import { asking, tarballIn, withBunny } from './asking.ts';
import { film, refusal, scratch, startScene } from './scene.ts';

const noOpenssl = lacksOpenssl();

/** Certificates are made with it. Says why when it is not there; with PIPL_TEST_REQUIRE=all nothing is skipped. */
function lacksOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return false;
  } catch {
    if (process.env['PIPL_TEST_REQUIRE'] === 'all') return false;
    console.log('skipped: no openssl here to make a certificate with');
    return true;
  }
}

/** A proxy as people run it: ends TLS, stands at a sub-path, takes that off, says so in headers. */
async function tlsProxy(to: string, { prefix, tells }: { prefix: string; tells: boolean }) {
  const dir = await scratch();
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      cert,
      ...name,
    ],
    { stdio: 'ignore' },
  );
  const server = createTlsServer(
    { key: await readFile(key), cert: await readFile(cert) },
    (request, response) => {
      const path = request.url ?? '/';
      if (path !== prefix && !path.startsWith(`${prefix}/`))
        return void response.writeHead(404).end('not pipl');
      const target = new URL(to);
      const told = {
        'x-forwarded-proto': 'https',
        'x-forwarded-host': request.headers.host ?? '',
        'x-forwarded-prefix': prefix,
        'x-forwarded-for': '203.0.113.9',
      };
      const headers = { ...request.headers, host: target.host, ...(tells ? told : {}) };
      const passed = ask(
        `${to}${path.slice(prefix.length) || '/'}`,
        { method: request.method, headers },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        },
      );
      request.pipe(passed);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { origin: `https://localhost:${port}`, url: `https://localhost:${port}${prefix}`, cert };
}

test.skipIf(noOpenssl)(
  'behind a proxy with TLS and a sub-path: tarballs, redirects, pages and logins follow',
  { timeout: 540_000 },
  async () => {
    await using scene = await withBunny();
    const { url, cert } = await tlsProxy(scene.registry.url, { prefix: '/pipl/film', tells: true });
    const index = `${url}/${film}`;
    expect(tarballIn(await asking(`${index}/@film%2fbunny`, {}))).toBe(
      `${index}/@film/bunny/-/bunny-1.0.0.tgz`,
    );
    expect((await asking(`${index}/@film/bunny/-/bunny-1.0.0.tgz`, {})).status).toBe(200);
    expect((await asking(`${url}/`, {})).text).toContain(`href="/pipl/film/${film}/"`);
    expect((await asking(index, {})).headers.location).toBe(`/pipl/film/${film}/`);

    const page = await asking(`${index}/`, {});
    const script = /src="([^"]*\/-\/static\/main[^"]+\.js)"/.exec(page.text)?.[1] ?? '';
    expect(page.text).toContain(`${index}/`);
    expect((await asking(new URL(script, `${index}/`).href, {})).status).toBe(200);
    // The scripts load their later parts from below the sub-path.
    const later = /[\w.-]*vendors\.[\w-]+\.js/.exec(
      page.text + (await asking(new URL(script, `${index}/`).href, {})).text,
    )?.[0];
    const loader = await asking(`${index}/-/static/${later}`, {});
    expect([loader.status, loader.text.match(/`[\w/]*\/-\/static\/`/g)]).toEqual([
      200,
      ['`/pipl/film/-/static/`'],
    ]);
    expect((await asking(`${url}/-/static/${later}`, {})).status).toBe(200);

    const begun = await asking(`${index}/-/v1/login`, { 'content-type': 'application/json' }, 'POST', '{}');
    const { loginUrl, doneUrl } = JSON.parse(begun.text) as { loginUrl: string; doneUrl: string };
    expect([loginUrl.startsWith(`${index}/-/v1/login/`), doneUrl.startsWith(`${index}/-/v1/done/`)]).toEqual([
      true,
      true,
    ]);
    // The page names who asks as the proxy saw them, and its form is sent with this Origin.
    expect((await asking(loginUrl, {})).text).toContain('203.0.113.9');
    const origin = { origin: new URL(url).origin, 'content-type': 'application/x-www-form-urlencoded' };
    await scene.registry.setUser('alice', { password: 'carrot' });
    const sent = await asking(loginUrl, origin, 'POST', 'username=alice&password=carrot');
    expect([sent.status, sent.text]).toEqual([200, expect.stringContaining('You are logged in')]);
    const { token } = JSON.parse((await asking(doneUrl, {})).text) as { token: string };

    // A real client, over the proxy.
    const work = await scratch();
    await writeFile(
      join(work, 'package.json'),
      '{"name":"reader","version":"1.0.0","dependencies":{"@film/bunny":"1.0.0"}}',
    );
    await writeFile(
      join(work, '.npmrc'),
      `registry=${index}/\n${index.replace('https:', '')}/:_authToken=${token}\ncafile=${cert}\n`,
    );
    const npm = join(import.meta.dirname, '../node_modules/npm-11/bin/npm-cli.js');
    const env = {
      PATH: process.env['PATH'],
      HOME: work,
      npm_config_cache: join(work, 'cache'),
      npm_config_audit: 'false',
    };
    await promisify(execFile)(process.execPath, [npm, 'install', '--ignore-scripts'], { cwd: work, env });
    const lock = JSON.parse(await readFile(join(work, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { resolved?: string }>;
    };
    expect(lock.packages['node_modules/@film/bunny']?.resolved).toBe(
      `${index}/@film/bunny/-/bunny-1.0.0.tgz`,
    );
    const who = await promisify(execFile)(process.execPath, [npm, 'whoami'], { cwd: work, env });
    expect(who.stdout.trim()).toBe('alice');
  },
);

test('a public URL holds whatever the proxy says, and takes the sub-path off where the proxy does not', async () => {
  await using scene = await withBunny({ publicUrl: 'https://pipl.example.org/films/' });
  const at = scene.registry.url;
  const expected = `https://pipl.example.org/films/${film}/@film/bunny/-/bunny-1.0.0.tgz`;
  const ways = [
    [`${at}/${film}/@film%2fbunny`, {}],
    [`${at}/films/${film}/@film%2fbunny`, { host: 'pipl.example.org' }],
    [`${at}/${film}/@film%2fbunny`, { 'x-forwarded-host': 'other.example' }],
  ] as const;
  for (const [url, headers] of ways) expect(tarballIn(await asking(url, headers))).toBe(expected);
  expect((await asking(`${at}/films/-/pipl/v1/status`, {})).status).toBe(200);
  expect((await asking(`${at}/films/${film}`, {})).headers.location).toBe(`/films/${film}/`);
  expect((await asking(`${at}/${film}/`, { origin: 'https://pipl.example.org' })).status).toBe(200);
  const login = await asking(
    `${at}/${film}/-/v1/login`,
    { 'content-type': 'application/json' },
    'POST',
    '{}',
  );
  expect(login.text).toContain(`https://pipl.example.org/films/${film}/-/v1/done/`);
});

test('forwarded headers count from trusted proxies only', async () => {
  await using scene = await withBunny({ trustedProxies: ['10.0.0.0/8'] });
  const headers = {
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-prefix': '/x',
    'x-forwarded-for': '203.0.113.9',
  };
  const { url } = scene.registry;
  expect(tarballIn(await asking(`${url}/${film}/@film%2fbunny`, headers))).toBe(
    `${url}/${film}/@film/bunny/-/bunny-1.0.0.tgz`,
  );
  await asking(`${url}/-/pipl/v1/login`, headers, 'POST', '{"user":"alice","password":"x"}');
  const { lines } = await (await scene.as('root')).audit();
  expect(lines[0]).toMatchObject({ who: 'alice', from: '127.0.0.1' });
});

test('a forwarded header that is no name, scheme or path is refused, not repeated', async () => {
  await using scene = await withBunny();
  const wrong = [
    { 'x-forwarded-host': 'a b' },
    { 'x-forwarded-host': 'evil.example/"><script>' },
    { 'x-forwarded-proto': 'javascript' },
    { 'x-forwarded-prefix': '//evil.example' },
    { 'x-forwarded-prefix': '/x"y' },
  ];
  for (const headers of wrong) {
    const answer = await asking(`${scene.registry.url}/${film}/`, headers);
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('PIPL_FORWARDED')]);
  }
  // Of a list, the entry of the trusted neighbour counts.
  const host = await asking(`${scene.registry.url}/${film}/@film%2fbunny`, {
    'x-forwarded-host': 'evil.example, good.example',
  });
  expect(tarballIn(host)).toMatch(/^http:\/\/good\.example\//);
});

test('an address that cannot be public is refused at the start', async () => {
  for (const publicUrl of [
    'pipl.example.org',
    'ftp://x',
    'https://user:x@pipl.example.org',
    'https://x/?a',
  ]) {
    expect(await refusal(startScene({ publicUrl }))).toBe('PIPL_PUBLIC_URL');
  }
  expect(await refusal(startScene({ trustedProxies: ['proxy.local'] }))).toBe('PIPL_PUBLIC_URL');
});
