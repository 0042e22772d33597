/**
 * Hand-written job templates of a packl (`*.job.yaml`, `*.job.json`): a bad one is refused before it is published.
 */
import { piplError } from '@pipl/packl';
import { load } from 'js-yaml';
import type { Candidate } from './publish-checks.ts';

/** @throws PIPL_TEMPLATE (exit 7), naming the file and what is wrong in it */
export async function refuseBadTemplates({ manifest, files }: Candidate): Promise<void> {
  for (const [path, { data }] of files) {
    if (!/\.job\.(?:ya?ml|json)$/.test(path)) continue;
    const problem = problemOf(Buffer.from(data).toString('utf8'));
    if (problem === undefined) continue;
    throw piplError('invalid', 'PIPL_TEMPLATE', {
      what: `${path} of ${manifest.name} is not a job template.`,
      why: problem,
      hint: 'Mend it as the Open Job Description specification says, then publish again.',
    });
  }
}

function problemOf(text: string): string | undefined {
  try {
    const template = load(text);
    if (typeof template !== 'object' || template === null) return 'It is no mapping.';
    if (!('specificationVersion' in template)) return 'specificationVersion is missing.';
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n')[0];
  }
}
