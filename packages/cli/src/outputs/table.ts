/**
 * What every command prints with `--json`: its schema, by the words of the command. This is a promise to programs: keys
 * are added, never taken away or given another meaning. Only `pipl schema` and tests load it.
 */
import { z } from 'zod';
import { explainOutputs } from './explain-outputs.ts';
import { frameworkOutputs } from './framework-outputs.ts';
import { handlerOutputs } from './handler-outputs.ts';
import { packlOutputs } from './packl-outputs.ts';
import { provenanceOutputs } from './provenance-outputs.ts';
import { projectOutputs } from './project-outputs.ts';
import { runOutputs } from './run-outputs.ts';
import { failure, success, trial } from './words.ts';
import { tried } from '../writing.ts';

/** A program of the person's own speaks in place of these. */
const speakForOthers: Record<string, z.ZodType> = {
  'work shell': z.never(),
  'work node': z.never(),
  'work exec': z.never(),
};

export const outputs: Readonly<Record<string, z.ZodType>> = {
  ...projectOutputs,
  ...packlOutputs,
  ...runOutputs,
  ...provenanceOutputs,
  ...explainOutputs,
  ...frameworkOutputs,
  ...handlerOutputs,
  ...speakForOthers,
  completion: z.object({ shell: z.string(), script: z.string() }),
  schema: z.looseObject({}),
};

/** What a command prints: its data, or what its trial says. */
export function outputOf(command: string): z.ZodType | undefined {
  const data = outputs[command];
  return data !== undefined && tried.has(command) ? z.union([data, trial]) : data;
}

/** The document of a command as JSON Schema (2020-12); undefined where there is no such command. */
export function documentSchema(command: string): Record<string, unknown> | undefined {
  const data = outputOf(command);
  if (data === undefined) return undefined;
  const document = z.union([success(data), failure]).describe(`pipl ${command} --json`);
  // `input`: a reader of today also takes the keys of tomorrow.
  return z.toJSONSchema(document, { io: 'input' });
}
