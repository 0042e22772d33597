/**
 * The floor of installing: `node:http` that holds every answer as bytes, tarballs too, and does nothing but send them.
 * It fetches them once, from the server and for the names that it is told, and puts its own address into them.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

const [, , , file = ''] = process.argv;
const { url: from, names } = JSON.parse(readFileSync(file, 'utf8')) as { url: string; names: string[] };
const short = 'application/vnd.npm.install-v1+json';
const held = new Map<string, { type: string; body: Buffer; packed?: Buffer }>();

async function fetched(url: string, accept: string): Promise<Buffer> {
  const response = await fetch(url, { headers: { accept } });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

type Packument = { 'dist-tags': { latest: string }; versions: Record<string, { dist: { tarball: string } }> };

/** An install asks for the document, and for the tarball of the latest version. */
async function hold(name: string, here: string): Promise<void> {
  const text = (await fetched(`${from}${name}`, short)).toString();
  const { 'dist-tags': tags, versions } = JSON.parse(text) as Packument;
  const body = Buffer.from(text.replaceAll(from, here));
  held.set(`/${name}`, { type: short, body, packed: gzipSync(body) });
  const tarball = versions[tags.latest]?.dist.tarball ?? '';
  const path = `/${tarball.slice(from.length)}`;
  held.set(path, { type: 'application/octet-stream', body: await fetched(tarball, '*/*') });
}

const server = createServer((request, response) => {
  const answer = held.get(request.url ?? '');
  if (answer === undefined) {
    response.writeHead(404).end();
    return;
  }
  const { type, packed } = answer;
  const takesGzip = String(request.headers['accept-encoding']).includes('gzip');
  const body = takesGzip && packed !== undefined ? packed : answer.body;
  const encoding = body === packed ? { 'content-encoding': 'gzip' } : {};
  response.writeHead(200, { 'content-type': type, 'content-length': body.length, ...encoding });
  response.end(body);
});
server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address() as AddressInfo;
  const here = `http://127.0.0.1:${port}/`;
  for (const name of names) await hold(name, here);
  console.log(JSON.stringify({ url: here }));
});
