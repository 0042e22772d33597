/** `pipl packl show [SPEC]`: the manifest of the packl here, or of a version in the index. */
import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findPackl, showFolder } from '@pipl/project';
import type { Context, DefineCommand } from './context.ts';
import { handlingLine, reportLines } from './handler-lines.ts';

export const command: DefineCommand = (into, context) =>
  into
    .argument('[spec]', 'name, name@range, or a folder; else the packl you stand in')
    .option('--at <moment>', 'as it was in the index: the number of a change, or a time')
    .action(async (spec: string | undefined, { at }: { at?: string }) => {
      const manifest = await manifestOf(context, spec, at);
      context.terminal.say(manifest, () => [JSON.stringify(manifest, null, 2)]);
    });

async function manifestOf(context: Context, spec: string | undefined, at: string | undefined) {
  if (at !== undefined) return manifestThen(context, spec, at);
  if (spec === undefined) return showFolder(await findPackl(context.where));
  const folder = resolve(context.where.from, spec);
  const isFolder = access(join(folder, 'package.json')).then(
    () => true,
    () => false,
  );
  if (await isFolder) return showFolder(folder);
  // A folder needs no server, and should not wait for what talks to one.
  const [{ openToRead }, { showSpec }] = await Promise.all([import('./opening.ts'), import('@pipl/project')]);
  const { project, client } = await openToRead(context);
  const manifest = await showSpec(client, { index: project.defaultIndex, spec });
  const { name, version } = manifest;
  for (const one of await client.handlings({ name, version, limit: 5 })) {
    for (const line of [handlingLine(one), ...reportLines(one)]) context.terminal.note(line);
  }
  return manifest;
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
