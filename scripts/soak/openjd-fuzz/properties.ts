/** The three campaigns: how their input is made, and what must hold. */
import * as fc from 'fast-check';
import { spoilBytes, spoilText, spoilTree, textMutation, treeMutation } from './mutations.ts';
import { expressions, longPieces, pieces, templates, texts } from './seeds.ts';
import { hearOutput, useExpression, useTemplate } from './targets.ts';

const mutations = fc.array(textMutation, { minLength: 1, maxLength: 5 });

const documents = fc.oneof(
  fc
    .tuple(fc.constantFrom(...templates), fc.array(treeMutation, { minLength: 1, maxLength: 5 }))
    .map(([tree, spoils]): unknown => spoilTree(tree, spoils)),
  fc
    .tuple(fc.constantFrom(...texts), mutations, fc.constantFrom(...texts))
    .map(([text, spoils, other]): unknown => spoilText(text, spoils, other)),
);

const spoiledExpressions = fc
  .tuple(fc.constantFrom(...expressions), mutations, fc.constantFrom(...expressions))
  .map(([text, spoils, other]) => spoilText(text, spoils, other));

const streams = fc.record({
  // Long lines are rare, as they cost a thousand times what others do.
  parts: fc.array(
    fc.oneof(
      { weight: 60, arbitrary: fc.constantFrom(...pieces) },
      { weight: 1, arbitrary: fc.constantFrom(...longPieces) },
    ),
    { minLength: 1, maxLength: 10 },
  ),
  spoils: fc.array(textMutation, { maxLength: 4 }),
  cuts: fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 }),
});

/** What fast-check found. */
type Found = Pick<
  fc.RunDetails<unknown>,
  'failed' | 'numRuns' | 'counterexample' | 'counterexamplePath' | 'errorInstance'
>;

interface Campaign {
  readonly runs: number;
  readonly check: (ran: (input: unknown) => void, given: { seed: number; numRuns: number }) => Found;
}

const campaign = <T>(runs: number, inputs: fc.Arbitrary<T>, use: (input: T) => void): Campaign => ({
  runs,
  check: (ran, given) =>
    fc.check(
      fc.property(inputs, (input) => {
        ran(input);
        use(input);
      }),
      given,
    ),
});

export const campaigns = {
  templates: campaign(100_000, documents, useTemplate),
  expressions: campaign(100_000, spoiledExpressions, useExpression),
  streams: campaign(20_000, streams, ({ parts, spoils, cuts }) => {
    const whole = spoilBytes(Buffer.from(parts.join('')), spoils);
    const places = cuts.map((cut) => Math.floor((cut / 0x10000) * whole.length)).toSorted((a, b) => a - b);
    const chunks = [0, ...places].map((from, at) => whole.subarray(from, places[at] ?? whole.length));
    const [once, cutUp] = [hearOutput([whole]), hearOutput(chunks)];
    // How the output was cut on its way must not matter.
    if (JSON.stringify(once) !== JSON.stringify(cutUp))
      throw new Error('Cut up, the output means something else');
  }),
} as const satisfies Record<string, Campaign>;

export type CampaignName = keyof typeof campaigns;
