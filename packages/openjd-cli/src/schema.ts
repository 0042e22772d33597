/** `openjd schema`: the JSON Schema of job or environment templates. */
import { templateJsonSchema } from '@pipl/openjd-model';
import type { Arguments } from './arguments.ts';
import type { Report } from './report.ts';

export function schema(given: Arguments): Report {
  const kind = given.value('--version')!.startsWith('environment-') ? 'environment' : 'job';
  return { status: 'success', message: JSON.stringify(templateJsonSchema(kind), undefined, 4) };
}
