/** A small npm registry on loopback: packuments and real tarballs, made in memory. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

export interface Published {
  readonly manifest: { readonly name: string; readonly version: string };
  readonly integrity: string;
}

export interface NpmRegistry extends AsyncDisposable {
  readonly url: string;
  /** paths asked for so far */
  readonly asked: string[];
  publish(manifest: { name: string; version: string }, files?: Record<string, string>): Published;
}

export async function startNpmRegistry(): Promise<NpmRegistry> {
  const versions = new Map<string, Map<string, Published>>();
  const tarballs = new Map<string, Buffer>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/');
    asked.push(path);
    const tarball = tarballs.get(path);
    if (tarball !== undefined) return response.end(tarball);
    const known = versions.get(path.slice(1));
    if (known === undefined) return response.writeHead(404).end('{}');
    return response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(packument(path.slice(1), known));
  });
  const packument = (name: string, known: Map<string, Published>) =>
    JSON.stringify({
      name,
      'dist-tags': { latest: [...known.keys()].at(-1) },
      versions: Object.fromEntries(
        [...known].map(([version, { manifest, integrity }]) => [
          version,
          { ...manifest, dist: { integrity, tarball: url + tarballPath(manifest) } },
        ]),
      ),
      time: Object.fromEntries([...known.keys()].map((version) => [version, '2024-01-01T00:00:00.000Z'])),
    });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    asked,
    publish(manifest, files = {}) {
      const tarball = pack({ ...files, 'package.json': JSON.stringify(manifest) });
      const published = {
        manifest,
        integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
      };
      tarballs.set(tarballPath(manifest), tarball);
      const known = versions.get(manifest.name) ?? new Map<string, Published>();
      versions.set(manifest.name, known.set(manifest.version, published));
      return published;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const tarballPath = ({ name, version }: { name: string; version: string }): string =>
  `/${name}/-/${name.slice(name.indexOf('/') + 1)}-${version}.tgz`;

function pack(files: Record<string, string>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, text]) => {
    const data = Buffer.from(text);
    const padding = Buffer.alloc((512 - (data.length % 512)) % 512);
    return [header(`package/${name}`, data.length), data, padding];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

function header(name: string, size: number): Buffer {
  const block = Buffer.alloc(512);
  const octal = (value: number, length: number) => value.toString(8).padStart(length - 1, '0');
  block.write(name, 0);
  block.write(octal(0o755, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(0, 12), 136);
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
