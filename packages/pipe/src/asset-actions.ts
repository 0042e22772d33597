/**
 * What asset types do with assets: name them, lint them, preview them, migrate them. The type is that of the last packl
 * in dependency order that offers the name; what goes wrong in its code is told with that packl.
 */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type EntryPoint, entryPoints, noEntryPoint, PiplError, piplError, specOf } from '@pipl/packl';
import type { AssetOnDisk, AssetType } from './asset-types.ts';
import { shortNameOf } from './context.ts';
import { graphAround } from './discovery.ts';
import { loadEntry } from './load-entry.ts';
import { here } from './workspace-services.ts';

export type AssetVerb = 'name' | 'lint' | 'preview' | 'migrate';

/** One asset, as whoever asks has put it on disk. */
export interface AssetQuestion {
  readonly type: string;
  readonly product: { readonly name: string; readonly version: string };
  readonly asset: string;
  readonly path?: string;
  readonly dir?: string;
  readonly files?: Readonly<Record<string, string>>;
  /** folder for what `preview` and `migrate` write; made by this */
  readonly to?: string;
}

export interface AssetAnswer {
  readonly asset: string;
  /** the packl whose type it is */
  readonly by: string;
  /** name */
  readonly basename?: string;
  /** lint: one line each; undefined where the type has no lint */
  readonly problems?: readonly string[];
  /** preview, migrate: absolute; undefined where the type cannot, or nothing is to be done */
  readonly written?: readonly string[];
}

/** @throws PIPL_NO_ENTRY, PIPL_ENTRY_NOT_LOADED, PIPL_ASSET_TYPE */
export async function askAssetTypes(
  verb: AssetVerb,
  questions: readonly AssetQuestion[],
): Promise<AssetAnswer[]> {
  const types = entryPoints(graphAround(here(process.env, process.cwd())), 'assetTypes');
  const answers: AssetAnswer[] = [];
  for (const question of questions) {
    const entry = types.get(question.type);
    if (entry === undefined) throw noEntryPoint('assetTypes', question.type, types.keys());
    answers.push(await answer(verb, question, entry));
  }
  return answers;
}

async function answer(verb: AssetVerb, question: AssetQuestion, entry: EntryPoint): Promise<AssetAnswer> {
  const by = specOf(entry.packl);
  const type = asType(
    await loadEntry({ spec: by, dir: entry.packl.dir, field: 'assetTypes' }, entry.entry),
    entry,
  );
  const { asset, to } = question;
  try {
    switch (verb) {
      case 'name':
        return { asset, by, ...named(type, question) };
      case 'lint':
        return { asset, by, ...(await linted(type, question)) };
      case 'preview':
      case 'migrate':
        return { asset, by, ...(await written(type, verb, { question, to: to! })) };
    }
  } catch (cause) {
    if (cause instanceof PiplError) throw cause;
    throw piplError('invalid', 'PIPL_ASSET_TYPE', {
      what: `${verb} of the asset type ${question.type} failed on ${question.product.name}.${asset}.`,
      why: cause instanceof Error ? cause.message : String(cause),
      hint: `Mend ${question.type} in ${by}.`,
      cause,
    });
  }
}

function asType(found: unknown, { name, packl, entry }: EntryPoint): AssetType {
  const type = found as Partial<AssetType> | null | undefined;
  if (typeof type === 'object' && type !== null && typeof type.basename === 'function')
    return type as AssetType;
  throw piplError('invalid', 'PIPL_ENTRY_NOT_LOADED', {
    what: `${entry} of ${specOf(packl)} is no asset type.`,
    why: 'It is not something that defineAssetType returned.',
    hint: `Mend pipl.assetTypes.${name} of ${packl.name}, or what the module exports.`,
  });
}

const identity = ({ product: { name, version } }: AssetQuestion) => ({
  name,
  version,
  shortName: shortNameOf(name),
});

/** The frames of a sequence are named when they are written; its folder has the name of the asset. */
function named(type: AssetType, question: AssetQuestion): { basename?: string } {
  if (type.kind === 'sequence') return {};
  const naming = { product: identity(question), revision: question.product.version };
  return { basename: type.basename(naming as never) };
}

const onDisk = (question: AssetQuestion): AssetOnDisk => ({
  product: identity(question),
  asset: question.asset,
  path: question.path ?? '',
  dir: question.dir ?? '',
  frames: new Map(Object.entries(question.files ?? {}).map(([frame, file]) => [Number(frame), file])),
});

async function linted({ lint }: AssetType, question: AssetQuestion): Promise<{ problems?: string[] }> {
  if (lint === undefined) return {};
  const problems: string[] = [];
  await lint(onDisk(question), (problem) => void problems.push(problem));
  return { problems };
}

async function written(
  type: AssetType,
  verb: 'preview' | 'migrate',
  { question, to }: { question: AssetQuestion; to: string },
): Promise<{ written?: string[] }> {
  const work = type[verb];
  if (work === undefined) return {};
  mkdirSync(to, { recursive: true });
  if ((await work(onDisk(question), to)) === false) return {};
  return {
    written: readdirSync(to)
      .toSorted()
      .map((name) => join(to, name)),
  };
}
