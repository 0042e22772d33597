/**
 * What the type of a product promises, held against the product: whoever reads it finds every asset there, of the kind
 * that the type says.
 *
 * The type is code of a packl: `pipl-step promises` loads it, of the packl that the product names, whatever others
 * offer under the same name. Where that packl is not installed, or the framework is older than the question, nothing
 * is asked.
 */
import { type AssetReference, type Manifest, PiplError, piplError, productOf } from '@pipl/packl';
import { parseType } from './packl-types.ts';
import { askStep, installedStep } from './pipe-step.ts';
import { type AroundHere, graphHere } from './workspace-graph.ts';

interface Promised {
  readonly by: string;
  readonly assets: Readonly<Record<string, { readonly type: string; readonly kind: AssetReference['kind'] }>>;
}

/** One for each asset that is lacking, or of another kind. @throws what the type is refused with, naming its packl */
export async function promiseProblems({
  folder,
  manifest,
}: {
  readonly folder: string;
  readonly manifest: Manifest;
}): Promise<PiplError[]> {
  const product = productOf(manifest);
  if (product === undefined) return [];
  const around = await graphHere({ from: folder, env: {} });
  const promised = around === undefined ? undefined : await ask(around, product.type);
  return Object.entries(promised?.assets ?? {}).flatMap(([slot, { type, kind }]) => {
    const found = product.assets[slot];
    const about = { name: manifest.name, type: product.type, by: promised!.by, slot };
    if (found === undefined) return [lacking({ ...about, asset: `${type}, a ${kind}` })];
    return found.kind === kind ? [] : [ofAnotherKind({ ...about, kind, found: found.kind })];
  });
}

async function ask(around: AroundHere, type: string): Promise<Promised | undefined> {
  const { packl } = parseType(type);
  const installed = around.graph.packls.some(({ name }) => name === packl);
  if (!installed || installedStep(around) === undefined) return undefined;
  try {
    return await askStep<Promised>(around, ['promises', type]);
  } catch (error) {
    if (error instanceof PiplError && error.code === 'PIPL_STEP_OLD') return undefined;
    throw error;
  }
}

interface About {
  readonly name: string;
  readonly type: string;
  readonly by: string;
  readonly slot: string;
}

const lacking = ({ name, type, by, slot, asset }: About & { readonly asset: string }) =>
  piplError('invalid', 'PIPL_ASSET_PROMISED', {
    what: `${name} lacks the asset ${slot} (${asset}).`,
    why: `Its type ${type} promises it: ${by} says so.`,
    hint: `Add it: pipl asset add ${slot} PATH`,
  });

const ofAnotherKind = ({
  name,
  type,
  by,
  slot,
  kind,
  found,
}: About & { readonly kind: string; readonly found: string }) =>
  piplError('invalid', 'PIPL_ASSET_PROMISED', {
    what: `The asset ${slot} of ${name} is a ${found}, not a ${kind}.`,
    why: `Its type ${type} promises a ${kind}: ${by} says so.`,
    hint: `Add it again: pipl asset add ${slot} PATH`,
  });
