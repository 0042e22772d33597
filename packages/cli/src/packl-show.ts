/** `pipl packl show [SPEC]`: what the packl here is, or a version in the index; with --json, its manifest. */
import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findPackl, showFolder } from '@pipl/project';
import type { Manifest } from '@pipl/packl';
import type { Context, DefineCommand, Open } from './context.ts';
import { handlingLine, reportLines } from './handler-lines.ts';
import { packlLines } from './packl-lines.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('[spec]', 'name, name@range, or a folder; else the packl you stand in')
    .option('--at <moment>', 'as it was in the index: the number of a change, or a time')
    .action(async (spec: string | undefined, { at }: { at?: string }) => {
      const { manifest, rows } = await shown(context, spec, at);
      context.terminal.say(manifest, () => packlLines(manifest, rows));
    });

interface Shown {
  readonly manifest: Manifest;
  /** its versions, where people read them */
  readonly rows?: Awaited<ReturnType<Open['client']['rows']>>['rows'];
}

async function shown(context: Context, spec: string | undefined, at: string | undefined): Promise<Shown> {
  if (at !== undefined) return { manifest: await manifestThen(context, spec, at) };
  if (spec === undefined) return { manifest: await showFolder(await findPackl(context.where)) };
  const folder = resolve(context.where.from, spec);
  const isFolder = access(join(folder, 'package.json')).then(
    () => true,
    () => false,
  );
  if (await isFolder) return { manifest: await showFolder(folder) };
  // A folder needs no server, and should not wait for what talks to one.
  const [{ openToRead }, { showSpec }] = await Promise.all([import('./opening.ts'), import('@pipl/project')]);
  const { project, client } = await openToRead(context);
  const manifest = await showSpec(client, { index: project.defaultIndex, spec });
  const { name, version } = manifest;
  for (const one of await client.handlings({ name, version, limit: 5 })) {
    for (const line of [handlingLine(one), ...reportLines(one)]) context.terminal.note(line);
  }
  if (context.terminal.json) return { manifest };
  return { manifest, rows: (await client.rows(project.defaultIndex, name)).rows };
}

/** A folder has no past here: its versions have. */
async function manifestThen(context: Context, spec: string | undefined, at: string) {
  const [{ openToRead }, { resolveSpec }] = await Promise.all([
    import('./opening.ts'),
    import('@pipl/project'),
  ]);
  const { project, client } = await openToRead(context);
  const named = spec ?? (await showFolder(await findPackl(context.where))).name;
  return (await resolveSpec(client, { spec: named, index: project.defaultIndex, at })).manifest;
}
