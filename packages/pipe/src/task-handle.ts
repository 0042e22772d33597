/** The task itself, as its steps, checks and commands see it. */
import { writeFileSync } from 'node:fs';
import type { Context } from './context.ts';
import type { InputProduct, Inputs } from './inputs.ts';
import { type Needs, type ProductType, productTypeOf } from './product-types.ts';

/** The product type that a slot takes, several or one. */
type Taken<Need> = Need extends { readonly many: infer P extends ProductType } ? P : Need;
type TakenBy<N extends Needs> = Extract<{ [Slot in keyof N]: Taken<N[Slot]> }[keyof N], ProductType>;

export interface Dependencies<N extends Needs> {
  /** The inputs that are products of a type, in the order of the slots. */
  ofType<Name extends TakenBy<N>['name']>(
    name: Name,
  ): readonly InputProduct<Extract<TakenBy<N>, { readonly name: Name }>>[];
  ofType<P extends TakenBy<N>>(type: P): readonly InputProduct<P>[];
}

export interface TaskHandle<N extends Needs> {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Dependencies<N>;
  /**
   * Asks whoever carries this out to publish the products when it has ended well. A run publishes anyway, after its
   * checks; of a command for people `pipl do` does. Nothing of it is published from here: a packl has no token.
   */
  publishProducts(): void;
}

/** A file with this name beside the context says that the products are to be published. */
export const publishWish = '.publish';

export function taskHandle(
  needs: Needs,
  { inputs, task, contextFile }: { inputs: Inputs<Needs>; task: Context['task']; contextFile: string },
): TaskHandle<Needs> {
  const ofType = (wanted: string | ProductType): readonly InputProduct<ProductType>[] =>
    Object.entries(needs).flatMap(([slot, need]) => {
      const type = productTypeOf(need);
      const isIt = typeof wanted === 'string' ? type.name === wanted : type === wanted;
      return isIt ? ([inputs[slot]].flat() as unknown as readonly InputProduct<ProductType>[]) : [];
    });
  return {
    ...task,
    dependencies: { ofType: ofType as never },
    publishProducts: () => writeFileSync(`${contextFile}${publishWish}`, ''),
  };
}
