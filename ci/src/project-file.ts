/** Reads `.pipl` and `system/server.json` of a project: what the server needs of them. Writes nothing. */
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { Handlers, indexName, piplError, problemsIn, type IndexName } from '@pipl/packl';
import type { Gate } from '@pipl/registry-client';
import type { BlobsAt, RegistryOptions } from '@pipl/registry';
import { z } from 'zod';
import { RunSettings } from './run-settings.ts';

const Index = z.string().regex(/^[^/]+\/[^/]+$/, 'is not owner/name');

/** Unknown keys are mistakes: a gate with a word misspelt would stand open. */
export const GateEntry = z.strictObject({
  checks: z.union([z.literal(true), z.array(z.string().min(1))]).optional(),
  /** names, or names and whether one of them may approve what they published themselves */
  approval: z
    .union([
      z.array(z.string().min(1)),
      z.strictObject({ by: z.array(z.string().min(1)).min(1), self: z.boolean().optional() }),
    ])
    .optional(),
  approvals: z.number().int().min(1).optional(),
});

export type GateEntry = z.output<typeof GateEntry>;

const ProjectFile = z.looseObject({
  name: z.string().optional(),
  id: z.string().optional(),
  handlers: Handlers.default({}),
  gates: z.record(Index, GateEntry).default({}),
  runs: RunSettings.prefault({}),
});

const ServerFile = z.looseObject({
  host: z.string().default('127.0.0.1'),
  port: z.number().int().min(0).max(65_535).default(3141),
  database: z.string().optional(),
  blobs: z.string().optional(),
  s3Endpoint: z.string().optional(),
  publicUrl: z.string().optional(),
  trustedProxies: z.array(z.string()).optional(),
  hosts: z.array(z.string()).optional(),
});

export interface ProjectSettings {
  readonly name: string;
  /** what `proj create` drew; absent for a project of before */
  readonly id?: string;
  readonly host: string;
  readonly port: number;
  /** address of a PostgreSQL database, without a password; absent: a SQLite file of the project */
  readonly database?: string;
  /** the bucket that holds the tarballs; absent: a folder of the project */
  readonly blobs?: BlobsAt;
  /** how the world reaches the server, as {@link RegistryOptions} has it */
  readonly reach: Pick<RegistryOptions, 'publicUrl' | 'trustedProxies' | 'hosts'>;
  readonly handlers: Handlers;
  readonly runs: RunSettings;
  /** index → what a version needs before it is promoted into it */
  readonly gates: Readonly<Record<string, Gate>>;
}

/** @throws PIPL_NO_PROJECT, PIPL_PROJECT_FILE */
export async function readProject(folder: string): Promise<ProjectSettings> {
  const file = join(folder, '.pipl');
  const project = parse(file, ProjectFile, (await readJson(file)) ?? refuse(folder));
  const serverFile = join(folder, 'system', 'server.json');
  const { host, port, database, blobs, s3Endpoint, publicUrl, trustedProxies, hosts } = parse(
    serverFile,
    ServerFile,
    (await readJson(serverFile)) ?? {},
  );
  return {
    name: project.name ?? basename(resolve(folder)),
    ...(project.id === undefined ? {} : { id: project.id }),
    handlers: project.handlers,
    runs: project.runs,
    gates: Object.fromEntries(Object.entries(project.gates).map(([index, gate]) => [index, gateOf(gate)])),
    host,
    port,
    ...(database === undefined ? {} : { database }),
    ...(blobs === undefined ? {} : { blobs: blobsAt(blobs, s3Endpoint) }),
    reach: {
      ...(publicUrl === undefined ? {} : { publicUrl }),
      ...(trustedProxies === undefined ? {} : { trustedProxies }),
      ...(hosts === undefined ? {} : { hosts }),
    },
  };
}

const blobsAt = (address: string, endpoint: string | undefined): BlobsAt =>
  endpoint === undefined ? { address } : { address, endpoint };

export const gateOf = ({ checks, approval, approvals }: GateEntry): Gate => ({
  ...(checks === undefined ? {} : { checks }),
  ...(approval === undefined ? {} : { approval: Array.isArray(approval) ? approval : approval.by }),
  ...(approval !== undefined && !Array.isArray(approval) && approval.self === true ? { self: true } : {}),
  ...(approvals === undefined ? {} : { approvals }),
});

/** Indexes whose publishes wake tasks. */
export const processIndexes = ({ handlers }: ProjectSettings): IndexName[] =>
  Object.entries(handlers)
    .filter(([, list]) => list.some(({ kind }) => kind === 'process'))
    .map(([index]) => indexName(index));

function parse<Schema extends z.ZodType>(file: string, schema: Schema, json: unknown): z.output<Schema> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = problemsIn(parsed.error, 'the file');
  throw piplError('invalid', 'PIPL_PROJECT_FILE', {
    what: `${file} does not say what pipl can follow.`,
    why: problems.join('; '),
    hint: 'Mend these entries, then start the server again.',
    problems,
  });
}

/** undefined when the file is not there; an original's comment-only `.pipl` counts as empty. */
async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw piplError('denied', 'PIPL_PROJECT_FILE', {
      what: `${file} cannot be read.`,
      why: error.message,
      hint: 'Let the user who starts the server read it, then start the server again.',
      cause: error,
    });
  });
  if (text === undefined) return undefined;
  if (text.split('\n').every((line) => line.trim() === '' || line.startsWith('#'))) return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw piplError('invalid', 'PIPL_PROJECT_FILE', {
      what: `${file} is not JSON.`,
      why: cause instanceof Error ? cause.message : String(cause),
      hint: 'Mend it, then start the server again.',
    });
  }
}

function refuse(folder: string): never {
  throw piplError('notFound', 'PIPL_NO_PROJECT', {
    what: `${folder} is not a project.`,
    why: 'It has no .pipl file.',
    hint: 'Make one with `pipl proj create FOLDER`.',
  });
}
