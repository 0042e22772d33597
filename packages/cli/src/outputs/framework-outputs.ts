/** What the commands about asset types and about the commands of tasks print. */
import { z } from 'zod';
import { asset, path, pin, seq, spec, text } from './words.ts';

const released = z.object({ published: z.array(pin.extend({ seq })), unchanged: z.array(spec), seq });
const by = text.describe('name@version of the packl whose type it is');
const schema = z.looseObject({}).describe('JSON Schema of what it takes');

export const frameworkOutputs: Record<string, z.ZodType> = {
  'asset lint': z.array(
    z.object({
      asset: text,
      by,
      problems: z.array(text).optional().describe('absent: the type has no lint'),
    }),
  ),
  'asset preview': z.object({ asset: text, files: z.array(path) }),
  'asset migrate': z.array(
    z.object({ asset: text, by, now: asset.optional().describe('absent: nothing was to be done') }),
  ),
  commands: z.array(
    z.object({ packl: text, folder: path, name: text, label: text, arguments: schema.optional() }),
  ),
  do: z.object({
    status: z.number().int().describe('exit status of the command'),
    published: released.optional(),
  }),
};
