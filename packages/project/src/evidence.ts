/**
 * What is needed to verify content without the server: statements, signatures, lists of files. What a server said
 * is kept in files beside the trusted keys, one for each version, and can be handed on as one bundle. None of it
 * is believed because it is here: `walk.ts` checks every piece.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseTree } from '@pipl/assets';
import { piplError, type TreeFile } from '@pipl/packl';
import type { Evidence, SigningKey, Vouched } from '@pipl/registry-client';
import { z } from 'zod';
import { asPiplError, isMissing } from './atomic-file.ts';
import type { Project } from './project-file.ts';
import { trustFolder, writeTrusted } from './trusted-keys.ts';

const Signature = z.object({ keyid: z.string(), sig: z.string() });
const Piece = z.object({
  name: z.string(),
  version: z.string(),
  integrity: z.string(),
  signatures: z.array(Signature),
  envelope: z
    .object({ payloadType: z.string(), payload: z.string(), signatures: z.array(Signature) })
    .optional(),
  tarball: z.string().optional(),
});
const Bundle = z.object({
  bundle: z.literal('pipl-provenance-1'),
  keys: z.array(z.looseObject({ keyid: z.string() })).default([]),
  vouched: z.array(Piece),
  trees: z.record(z.string(), z.string()).default({}),
});

/** What somebody can hand on with a file, for one who has never met the server. */
export interface ProvenanceBundle extends Pick<Evidence, 'vouched' | 'trees'> {
  readonly bundle: 'pipl-provenance-1';
  readonly keys: readonly SigningKey[];
}

const folderOf = (project: Project): string => join(trustFolder(project), 'provenance');
const short = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** Adds to what is kept; what is there already is the same, or was replaced on the server. */
export async function keepEvidence(project: Project, { vouched, trees = {} }: Evidence): Promise<void> {
  const folder = folderOf(project);
  for (const one of vouched) {
    const spec = `${one.name}@${one.version}`;
    await writeTrusted(join(folder, `${encodeURIComponent(spec)}.${short(one.integrity)}.json`), one);
  }
  for (const [digest, text] of Object.entries(trees)) {
    await writeTrusted(join(folder, `${digest.replace(':', '.')}.tree.json`), { digest, text });
  }
}

export interface KeptEvidence {
  readonly vouched: readonly Vouched[];
  readonly trees: Readonly<Record<string, string>>;
}

export async function keptEvidence(project: Project): Promise<KeptEvidence> {
  const folder = folderOf(project);
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw asPiplError(error, folder);
  });
  const vouched: Vouched[] = [];
  const trees: Record<string, string> = {};
  for (const name of names) {
    const json = JSON.parse(await readFile(join(folder, name), 'utf8')) as unknown;
    const piece = Piece.safeParse(json);
    const tree = z.object({ digest: z.string(), text: z.string() }).safeParse(json);
    if (piece.success) vouched.push(asVouched(piece.data));
    else if (tree.success) trees[tree.data.digest] = tree.data.text;
  }
  return { vouched, trees };
}

/** @throws PIPL_BUNDLE */
export async function readBundle(file: string): Promise<ProvenanceBundle> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw asPiplError(error, file);
  }
  try {
    const { keys, vouched, ...rest } = Bundle.parse(JSON.parse(text));
    return { ...rest, keys: keys as unknown as SigningKey[], vouched: vouched.map(asVouched) };
  } catch (error) {
    throw piplError('invalid', 'PIPL_BUNDLE', {
      what: `${file} is no bundle of provenance.`,
      why: error instanceof Error ? error.message.split('\n')[0]! : String(error),
      hint: '`pipl verify FILE --save-bundle BUNDLE` writes one.',
    });
  }
}

export const writeBundle = (file: string, bundle: ProvenanceBundle): Promise<void> =>
  writeFile(file, `${JSON.stringify(bundle)}\n`);

const asVouched = ({ envelope, tarball, ...rest }: z.output<typeof Piece>): Vouched => ({
  ...rest,
  ...(envelope === undefined ? {} : { envelope }),
  ...(tarball === undefined ? {} : { tarball }),
});

/** Lists of files whose bytes have the digest that they are kept under; others are left out. */
export function provenTrees(trees: Readonly<Record<string, string>>): Map<string, readonly TreeFile[]> {
  const proven = Object.entries(trees).filter(
    ([digest, text]) => `sha256:${createHash('sha256').update(text).digest('hex')}` === digest,
  );
  return new Map(
    proven.map(([digest, text]) => [
      digest,
      parseTree(text, digest).map(({ path, digest: file }) => ({ path, digest: file })),
    ]),
  );
}
