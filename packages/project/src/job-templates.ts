/**
 * Hand-written Open Job Description templates of a packl: a bad one is refused before it is published.
 *
 * They are what the manifest names (`job` of a task, `environment` of an envset) and every `*.job.yaml` or
 * `*.job.json`, which a task type may name in its code.
 */
import { decodeEnvironmentTemplate, decodeJobTemplate, OpenJdError } from '@pipl/openjd-model';
import { type Manifest, type PiplError, piplError, taskOf } from '@pipl/packl';
import { runnableExtensions } from '@pipl/openjd-sessions';
import type { PackedFiles } from './pack-files.ts';

interface Template {
  readonly path: string;
  readonly decode: (text: string) => unknown;
}

const runnable = { supportedExtensions: runnableExtensions };
const jobTemplate = (text: string): unknown => decodeJobTemplate(text, runnable);
const environmentTemplate = (text: string): unknown => decodeEnvironmentTemplate(text, runnable);

/** One error a template, naming the file and what is wrong in it. */
export function templateProblems({
  manifest,
  files,
}: {
  manifest: Manifest;
  files: PackedFiles;
}): PiplError[] {
  return templatesOf(manifest, files).flatMap(({ path, decode }) => {
    const file = files.get(path);
    if (file === undefined) return [missing(manifest.name, path)];
    const why = problemOf(() => decode(Buffer.from(file.data).toString('utf8')));
    return why === undefined ? [] : [bad(manifest.name, path, why)];
  });
}

function templatesOf(manifest: Manifest, files: PackedFiles): Template[] {
  const { pipl } = manifest;
  const job = taskOf(manifest)?.job;
  const named = [...files.keys()].filter((path) => /\.job\.(?:ya?ml|json)$/.test(path));
  const jobs = new Set([...(job === undefined ? [] : [relative(job)]), ...named]);
  const environment = pipl?.kind === 'envset' ? pipl.environment : undefined;
  return [
    ...[...jobs].map((path) => ({ path, decode: jobTemplate })),
    ...(environment === undefined ? [] : [{ path: relative(environment), decode: environmentTemplate }]),
  ];
}

function problemOf(decode: () => unknown): string | undefined {
  try {
    decode();
    return undefined;
  } catch (error) {
    if (error instanceof OpenJdError) return error.message;
    throw error;
  }
}

const relative = (path: string): string => path.replace(/^\.\//, '');

const bad = (name: string, path: string, why: string): PiplError =>
  piplError('invalid', 'PIPL_TEMPLATE', {
    what: `${path} of ${name} is no template that can run.`,
    why,
    hint: 'Mend it as the Open Job Description specification says, then publish again.',
  });

const missing = (name: string, path: string): PiplError =>
  piplError('invalid', 'PIPL_TEMPLATE', {
    what: `${name} names the template ${path}, and it is not there.`,
    why: 'It is no file that travels with the packl.',
    hint: 'Mend "pipl" or "files" in package.json.',
  });
