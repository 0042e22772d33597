/** A `manifest.jsonl`: for each template whether it is valid, what its errors say, and the job it makes. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { documentOf } from '@pipl/openjd-cli';
import { decodeEnvironmentTemplate, decodeJobTemplate } from '@pipl/openjd-model';
import { errorOf, failed, passed, type Case } from './case.ts';
import { createdJob, createdJobVerdict } from './created-jobs.ts';
import { verdictOf } from './templates.ts';

export interface Row {
  readonly file: string;
  readonly kind: 'job' | 'env';
  readonly supported_extensions: readonly string[];
  readonly valid: boolean;
  readonly disputed?: boolean;
  readonly error_contains?: readonly string[];
  readonly created_job?: string;
  readonly create_job_error_python_v0?: string;
}

/** The cases, and the files that belong to them. */
export function manifestCases(
  root: string,
  manifest: string,
): { readonly cases: Case[]; readonly files: readonly string[] } {
  const folder = dirname(manifest);
  const rows = readFileSync(join(root, manifest), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Row);
  const at = (file: string) => (folder === '.' ? file : `${folder}/${file}`);
  return {
    cases: rows.filter(({ disputed }) => disputed !== true).flatMap((row) => casesOf(root, row, at)),
    files: rows.flatMap((row) => [row.file, row.created_job ?? []].flat().map(at)),
  };
}

function casesOf(root: string, row: Row, at: (file: string) => string): Case[] {
  const [extension = 'base', category = 'templates'] = row.file.split('/');
  const text = () => readFileSync(join(root, at(row.file)), 'utf8');
  const decode = row.kind === 'job' ? decodeJobTemplate : decodeEnvironmentTemplate;
  const supportedExtensions = row.supported_extensions;
  const check = () => errorOf(() => decode(documentOf(text(), row.file), { supportedExtensions }));
  const one = { extension, name: at(row.file) };
  const cases: Case[] = [{ ...one, category, run: () => verdictOf(check(), row.valid) }];
  const parts = row.error_contains ?? [];
  if (parts.length > 0) {
    const run = () => {
      const message = check() ?? '';
      const missing = parts.filter((part) => !message.includes(part));
      return missing.length === 0 ? passed : failed(missing.join(' … '), message);
    };
    cases.push({ ...one, category: 'messages', run });
  }
  const golden = row.created_job;
  if (golden !== undefined) {
    const run = () => createdJobVerdict(text(), row, readFileSync(join(root, at(golden)), 'utf8'));
    cases.push({ ...one, category: 'created_jobs', run });
  }
  const refusal = row.create_job_error_python_v0;
  if (refusal !== undefined) {
    const run = () => {
      const error = errorOf(() => createdJob(text(), row));
      return error === undefined ? failed(`no job: ${refusal}`, 'a job') : passed;
    };
    cases.push({ ...one, category: 'refused_jobs', run });
  }
  return cases;
}
