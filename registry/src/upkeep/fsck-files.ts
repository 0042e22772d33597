/** What is in content, whichever place holds it. */
import { createHash } from 'node:crypto';
import { PiplError } from '@pipl/packl';
import { openTarball } from '@pipl/registry-client';
import type { Contents } from '../blobs/blobs.ts';

export interface Digests {
  readonly integrity: string;
  readonly shasum: string;
}

/** undefined when the content is not there */
export async function digestsOf(blobs: Contents, integrity: string): Promise<Digests | undefined> {
  const opened = await blobs.open(integrity);
  if (opened === undefined) return undefined;
  const [strong, weak] = [createHash('sha512'), createHash('sha1')];
  for await (const chunk of opened.stream() as AsyncIterable<Buffer>) {
    strong.update(chunk);
    weak.update(chunk);
  }
  return { integrity: `sha512-${strong.digest('base64')}`, shasum: weak.digest('hex') };
}

const wanted = (path: string) =>
  path === 'package.json' ? ({ most: 1024 * 1024, bigger: 'refused' } as const) : undefined;

/** `name@version` of the package.json in a tarball; undefined when there is none to be read. */
export async function namedInside(blobs: Contents, integrity: string): Promise<string | undefined> {
  const opened = await blobs.open(integrity);
  if (opened === undefined) return undefined;
  const { kept, write, end, abandon } = openTarball(wanted);
  try {
    for await (const chunk of opened.stream() as AsyncIterable<Buffer>) await write(chunk);
    await end();
  } catch (error) {
    // Older than the rules for tarballs: its bytes are those that were published.
    if (error instanceof PiplError) return undefined;
    throw error;
  } finally {
    abandon();
  }
  const text = kept.get('package.json');
  if (text === undefined) return undefined;
  const { name = '', version = '' } = JSON.parse(Buffer.from(text).toString()) as {
    name?: string;
    version?: string;
  };
  return `${name}@${version}`;
}
