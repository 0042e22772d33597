/**
 * The scripts of Verdaccio's pages when the server stands at a sub-path. 6.10.4's main script asks for its later
 * parts at `/-/static/` of the host, which is then somebody else's: here the sub-path is put in front.
 */
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const script = /^\/-\/static\/(vendors\.[\w-]+\.js)(?:\?|$)/;
const fromRoot = 'return`/-/static/`+';

/** Verdaccio's dependency, not ours. */
function themeFolder(): string {
  const ours = createRequire(import.meta.url);
  const theirs = createRequire(ours.resolve('verdaccio'));
  return join(theirs.resolve('@verdaccio/ui-theme'), '..', 'static');
}

/** @returns false when the file needs no change */
export async function answerStatic(response: ServerResponse, url: string, prefix: string): Promise<boolean> {
  const file = prefix === '' ? undefined : script.exec(url)?.[1];
  if (file === undefined) return false;
  const text = await readFile(join(themeFolder(), file), 'utf8').catch(() => undefined);
  if (text?.includes(fromRoot) !== true) return false;
  const body = text.replace(fromRoot, `return\`${prefix}/-/static/\`+`);
  response.writeHead(200, {
    'content-type': 'text/javascript; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'public, max-age=3600',
  });
  response.end(body);
  return true;
}
