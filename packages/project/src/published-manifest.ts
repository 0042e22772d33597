/**
 * What publishing adds to a manifest: what `groups.edit` asks for as optional peers, so that those who install a packl
 * with npm see it, and the commands of a task, so that listing them loads no code.
 *
 * The history travels with the packl and replays to its package.json: what is added here gets a line of its own.
 */
import { type Manifest, parseManifest } from '@pipl/packl';
import { jsonText } from './atomic-file.ts';
import { difference, type Json } from './json-patch.ts';
import type { PackedFiles } from './pack-files.ts';
import type { WrittenManifest } from './packl-file.ts';
import { type HistoryLine, historyFile } from './packl-history.ts';

export type TaskCommands = Readonly<
  Record<
    string,
    { readonly label: string; readonly arguments?: Readonly<Record<string, unknown>> | undefined }
  >
>;

/** @param commands of a task, as its type says; undefined where nobody could be asked */
export function completed(
  { manifest, files }: { manifest: Manifest; files: PackedFiles },
  commands: TaskCommands | undefined,
): { manifest: Manifest; files: PackedFiles } {
  const file = files.get('package.json');
  if (file === undefined) return { manifest, files };
  const written = JSON.parse(Buffer.from(file.data).toString('utf8')) as WrittenManifest;
  const after = withCommands(withOptionalPeers(written), commands);
  const ops = difference(written, after);
  if (ops.length === 0) return { manifest, files };
  const all = new Map(files);
  all.set('package.json', { ...file, data: Buffer.from(jsonText(after)) });
  const history = files.get(historyFile);
  if (history !== undefined) all.set(historyFile, { ...history, data: told(history.data, ops) });
  return { manifest: parseManifest(after), files: all };
}

/** Pure: {@link completed} for the part that needs no code. */
export function withOptionalPeers(written: WrittenManifest): WrittenManifest {
  const pipl = written['pipl'] as { groups?: { edit?: Record<string, string> } } | undefined;
  const edit = Object.entries(pipl?.groups?.edit ?? {});
  const peers = (written['peerDependencies'] ?? {}) as Record<string, string>;
  const dependencies = (written['dependencies'] ?? {}) as Record<string, string>;
  const added = edit.filter(([name]) => !(name in peers) && !(name in dependencies));
  if (added.length === 0) return written;
  const meta = (written['peerDependenciesMeta'] ?? {}) as Record<string, Json>;
  return {
    ...written,
    peerDependencies: { ...peers, ...Object.fromEntries(added) },
    peerDependenciesMeta: {
      ...meta,
      ...Object.fromEntries(added.map(([name]) => [name, { optional: true }])),
    },
  };
}

function withCommands(written: WrittenManifest, commands: TaskCommands | undefined): WrittenManifest {
  if (commands === undefined) return written;
  const { commands: _, ...pipl } = written['pipl'] as Record<string, Json>;
  const listed = Object.keys(commands).length === 0 ? {} : { commands: commands as unknown as Json };
  return { ...written, pipl: { ...pipl, ...listed } };
}

/** By whom and when the packl was edited last: the same folder packs to the same bytes. */
function told(history: Uint8Array, ops: HistoryLine['ops']): Uint8Array {
  const text = Buffer.from(history).toString('utf8');
  const last = JSON.parse(text.trimEnd().split('\n').at(-1) ?? '{}') as HistoryLine;
  const line: HistoryLine = { at: last.at, by: last.by, comment: 'published: what publishing adds', ops };
  return Buffer.from(`${text}${JSON.stringify(line)}\n`);
}
