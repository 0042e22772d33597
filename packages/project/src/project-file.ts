/**
 * `.pipl`, the root file of a project, and `system/server.json`: read, checked, with every problem named.
 *
 * A `.pipl` that holds only a comment (the original's) is recognised as a project with every default.
 */
import { basename, join } from 'node:path';
import { indexName, type IndexName, once, piplError, problemsIn } from '@pipl/packl';
import { z } from 'zod';
import { readJson, readText } from './atomic-file.ts';

const ProjectFile = once(() =>
  z.strictObject({
    schema: z.literal(1).default(1),
    id: z.string().default(''),
    name: z.string(),
    defaultIndex: z.string().default('root/PROJ'),
    createdBy: z.string().optional(),
    createdOn: z.string().optional(),
    handlers: z.record(z.string(), z.array(z.looseObject({ kind: z.string() }))).default({}),
    gates: z.record(z.string(), z.unknown()).optional(),
  }),
);

export interface Project {
  /** absolute */
  readonly path: string;
  readonly id: string;
  readonly name: string;
  readonly defaultIndex: IndexName;
  /** absolute: PROJ/system @throws PIPL_REMOTE_PROJECT when it is on another machine */
  readonly system: string;
  /** of the server of a project on another machine; its `path` is then that of the workarea */
  readonly url?: string;
}

const ServerFile = once(() =>
  z.strictObject({
    host: z.string(),
    port: z.number().int().min(0).max(65_535),
    /** address of a PostgreSQL database, without a password */
    database: z.string().optional(),
    /** `s3://bucket/prefix` that holds the tarballs, and where it answers when that is not AWS */
    blobs: z.string().optional(),
    s3Endpoint: z.string().optional(),
    /** where the world reaches the server behind a proxy: `https://host/sub/path` */
    publicUrl: z.string().optional(),
    /** whose `X-Forwarded-*` headers count: addresses or `address/bits`; loopback when absent */
    trustedProxies: z.array(z.string()).optional(),
    /** more names that requests may come to */
    hosts: z.array(z.string()).optional(),
  }),
);
export type ServerAddress = z.output<ReturnType<typeof ServerFile>>;

/** @param path a folder with a `.pipl` @throws PIPL_PROJECT_FILE */
export async function readProject(path: string): Promise<Project> {
  const file = join(path, '.pipl');
  const text = (await readText(file)) ?? '';
  const written = /^\s*(?:#.*\s*)*$/.test(text) ? { name: basename(path) } : await readJson(file);
  const parsed = ProjectFile().safeParse(written);
  if (!parsed.success) throw broken(file, parsed.error);
  const { id, name, defaultIndex } = parsed.data;
  return { path, id: id || path, name, defaultIndex: indexName(defaultIndex), system: join(path, 'system') };
}

/** Where the project's server listens. @throws PIPL_PROJECT_FILE */
export async function readServerAddress({ system }: Project): Promise<ServerAddress> {
  const file = join(system, 'server.json');
  const parsed = ServerFile().safeParse((await readJson(file)) ?? { host: '127.0.0.1', port: 3141 });
  if (!parsed.success) throw broken(file, parsed.error);
  return parsed.data;
}

function broken(file: string, error: z.ZodError) {
  const problems = problemsIn(error, 'the file');
  return piplError('invalid', 'PIPL_PROJECT_FILE', {
    what: `${file} has ${problems.length} problem${problems.length === 1 ? '' : 's'}.`,
    why: problems.join('; '),
    hint: 'Mend these fields and run the same command again.',
    problems,
  });
}
