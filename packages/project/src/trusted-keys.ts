/**
 * Which keys this person trusts to sign for a project, and what was seen signed: files beside the saved logins,
 * by project id. The first keys are taken on trust; after that a new one counts when a trusted one vouches for
 * it, or when the person says so.
 */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { trustedKeys, type SigningKey } from '@pipl/registry-client';
import { z } from 'zod';
import { jsonText, readJson, writeWhole } from './atomic-file.ts';
import { authFile } from './credentials.ts';
import type { Project } from './project-file.ts';

const Signature = z.object({ keyid: z.string(), sig: z.string() });
const Key = z.object({
  keyid: z.string(),
  keytype: z.string(),
  scheme: z.string(),
  key: z.string(),
  created: z.string().optional(),
  expires: z.string().nullable(),
  endorsedBy: Signature.optional(),
});
const KeysFile = z.object({ keys: z.array(Key).default([]) });
const ReceiptFile = z.object({
  name: z.string(),
  version: z.string(),
  integrity: z.string(),
  signatures: z.array(Signature),
});

/** What the registry said of a version once: enough to verify it without asking again. */
export type Receipt = z.output<typeof ReceiptFile>;

/** By id; a project of before ids by its path. */
const folderOf = ({ id, path }: Project): string =>
  join(dirname(authFile()), 'trust', encodeURIComponent(id === '' ? path : id));

const receiptFile = (project: Project, spec: string): string =>
  join(folderOf(project), 'versions', `${encodeURIComponent(spec)}.json`);

async function write(file: string, value: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeWhole(file, jsonText(value), 0o600);
}

/** @throws PIPL_NOT_JSON; a file of another shape counts as none */
export async function knownKeys(project: Project): Promise<SigningKey[]> {
  const parsed = KeysFile.safeParse((await readJson(join(folderOf(project), 'keys.json'))) ?? {});
  return parsed.success ? parsed.data.keys.map(asKey) : [];
}

const asKey = ({ created, endorsedBy, ...key }: z.output<typeof Key>): SigningKey => ({
  ...key,
  ...(created === undefined ? {} : { created }),
  ...(endorsedBy === undefined ? {} : { endorsedBy }),
});

export interface Trust {
  readonly keys: readonly SigningKey[];
  /** offered, but nobody who is trusted vouches for them */
  readonly strange: readonly SigningKey[];
  /** nothing was known before: these keys were taken as they came */
  readonly first: boolean;
}

/** Learns the keys that a server offers. @param all also those that nobody vouches for */
export async function learnKeys(
  project: Project,
  { offered, all }: { offered: readonly SigningKey[]; all: boolean },
): Promise<Trust> {
  const known = await knownKeys(project);
  const first = known.length === 0;
  const { trusted, strange } = trustedKeys(first ? offered : known, offered);
  const keys = all ? [...trusted, ...strange] : trusted;
  await write(join(folderOf(project), 'keys.json'), { keys });
  return { keys, strange: all ? [] : strange, first };
}

/** Files about this project beside its keys. */
export const trustFolder = folderOf;
export { write as writeTrusted };

export const keepReceipt = (project: Project, receipt: Receipt): Promise<void> =>
  write(receiptFile(project, `${receipt.name}@${receipt.version}`), receipt);

/** Undefined when it was never verified here with a server. @param spec `name@version` */
export async function keptReceipt(project: Project, spec: string): Promise<Receipt | undefined> {
  const parsed = ReceiptFile.safeParse(await readJson(receiptFile(project, spec)));
  return parsed.success ? parsed.data : undefined;
}
