/**
 * What a run was run with, as far as its ticket does not say it: the job that its code made, the parameters with
 * their defaults, the variables that its actions saw. Written before the first action, so a run that fails has one
 * too. Values that may be secret are there as hashes: enough to see that they differ.
 */
import { createHash } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunReport } from '@pipl/registry-client';
import type { Described } from './template.ts';

interface Facts {
  /** the job template as text, one text for one template */
  readonly templateText: string;
  readonly described: Described;
  /** of the actions */
  readonly env: Readonly<Record<string, string>>;
  /** what envsets made of them, without folders of this machine */
  readonly recorded?: { readonly variables: Readonly<Record<string, string>> } | undefined;
}

const secret = /TOKEN|SECRET|PASSW|CREDENTIAL|PRIVATE|AUTH|(?:^|_)KEY(?:_|$)/i;
/** Places of this attempt on this machine: they differ between any two runs, and mean nothing. */
const places = new Set(['PIPL_ATTEMPT', 'PIPL_CONTEXT', 'PIPL_TREE', 'PIPL_PACKL', 'PIPL_ASSETS']);

export const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

export function reportOf({ templateText, described, env, recorded }: Facts): RunReport {
  const tree = env['PIPL_TREE'];
  const place = (value: string) => (tree === undefined ? value : value.replaceAll(tree, '{tree}'));
  const variables = Object.entries(env)
    .filter(([name]) => !places.has(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => [
      name,
      secret.test(name) ? { sha256: sha256(value) } : { value: recorded?.variables[name] ?? place(value) },
    ]);
  return {
    template: { hash: sha256(templateText), text: templateText },
    parameters: described.parameters,
    environment: Object.fromEntries(variables) as RunReport['environment'],
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  };
}

export function writeReport(folder: string, report: RunReport): void {
  const aside = join(folder, '.report.json');
  writeFileSync(aside, JSON.stringify(report));
  renameSync(aside, join(folder, 'report.json'));
}
