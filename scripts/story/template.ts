/** A project made from a template with the real command line, and what acceptance tests ask of it. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStore } from '@pipl/assets';
import { indexName, type Row } from '@pipl/packl';
import { connect, type HandlingView, type RunView } from '@pipl/registry-client';
import { pipl, type PiplOptions } from './cli.ts';
import { followWave } from './waves.ts';

export interface TemplateProject extends AsyncDisposable {
  readonly path: string;
  readonly url: string;
  /** in a workspace, or a packl of it: `tasks`, `data/seattle` */
  pipl<Data = unknown>(where: string, args: readonly string[], env?: PiplOptions['env']): Promise<Data>;
  /** how the checks of a version ended @returns once it is promoted, or will not be */
  checked(name: string, version: string): Promise<HandlingView>;
  /** the runs of the wave of the promotion, or of what was published */
  wave(change: number): Promise<RunView[]>;
  rows(): Promise<readonly Row[]>;
  /** the file of an asset of the newest version of a product */
  asset(product: string, asset: string, to: string): Promise<string>;
}

const underWay = new Set(['running', 'judging', 'promoting']);

/** @param path a folder that is not there yet */
export async function fromTemplate(path: string, template: string): Promise<TemplateProject> {
  await pipl(['proj', 'create', path, '--template', template, '--port', '0'], { cwd: join(path, '..') });
  const { url } = await pipl<{ url: string }>(['proj', 'start', '--detach'], { cwd: path });
  const client = connect({ url });
  const index = indexName('root/PROJ');
  const rows = async (): Promise<readonly Row[]> => (await client.rows(index)).rows;
  return {
    path,
    url,
    pipl: (where, args, env) =>
      pipl(args, { cwd: join(path, 'workspaces', where), ...(env === undefined ? {} : { env }) }),
    async checked(name, version) {
      for (;;) {
        const [handling] = await client.handlings({ name, version });
        if (handling !== undefined && !underWay.has(handling.state)) return handling;
        await sleep(50);
      }
    },
    wave: (change) => followWave({ url, change }),
    rows,
    async asset(product, asset, to) {
      const { latest } = (await client.packls(index)).find(({ name }) => name === product) ?? {};
      const found = (await rows()).find(({ name, version }) => name === product && version === latest)
        ?.manifest.pipl;
      if (found?.kind !== 'product') throw new Error(`${product} is no product.`);
      const store = await openStore(join(path, 'system', 'assets'));
      return (await store.checkout({ reference: found.assets[asset]!, to, mode: 'copy' })).path;
    },
    [Symbol.asyncDispose]: async () => void (await pipl(['proj', 'stop'], { cwd: path })),
  };
}

/** product → its versions, in order */
export function productVersions(rows: readonly Row[]): Record<string, string[]> {
  const versions: Record<string, string[]> = {};
  for (const { name, version, manifest } of rows) {
    if (manifest.pipl?.kind === 'product') (versions[name] ??= []).push(version);
  }
  for (const list of Object.values(versions)) list.sort((a, b) => a.localeCompare(b));
  return versions;
}
