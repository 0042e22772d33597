/** What the commands about projects, people and indexes print. */
import { z } from 'zod';
import { handler } from './handler-outputs.ts';
import { count, flag, fsck, index, path, seq, text, when } from './words.ts';

const project = z.object({
  path,
  id: text,
  name: text,
  defaultIndex: text,
  system: path.optional(),
  url: text.optional(),
});
const server = z.object({
  project: text,
  path,
  running: flag,
  url: text.optional(),
  pid: count.optional(),
  startedAt: when.optional(),
  head: seq.optional(),
  rootPasswordEmpty: flag.optional(),
});
const user = z.object({ name: text, email: text.optional() });
const named = z.object({ name: text });
const group = z.object({ name: text, members: z.array(text) });
const token = z.object({
  id: text,
  user: text,
  label: text.optional(),
  limits: z
    .object({
      indexes: z.array(text).optional(),
      packls: z.array(text).optional(),
      operations: z.array(text).optional(),
    })
    .optional(),
  createdAt: when,
  expiresAt: when.optional(),
});
const deadLetter = z.object({ seq, at: when, attempts: count, error: text });
const webhook = z.object({
  id: text,
  url: text,
  indexes: z.array(text).optional(),
  ops: z.array(text).optional(),
  kinds: z.array(text).optional(),
  createdBy: text,
  createdAt: when,
  cursor: seq,
  behind: count,
  attempts: count,
  nextAt: when.optional(),
  lastAt: when.optional(),
  lastStatus: text.optional(),
  dead: z.array(deadLetter),
});
const delivery = z.object({ seq, delivered: flag, status: text });
const key = z.object({
  keyid: text,
  keytype: text,
  scheme: text,
  key: text,
  created: when.optional(),
  expires: when.nullable(),
  endorsedBy: z.object({ keyid: text, sig: text }).optional(),
});
const host = z.object({ host: text });
const id = z.object({ id: text });
const login = z.object({ user: text, url: text });
const kept = z.object({ size: count, hex: text });
const backup = z.object({
  to: path,
  schema: z.literal(1),
  project: text,
  made: when,
  head: seq,
  database: kept.extend({ kind: z.enum(['sqlite', 'lines']), file: text }),
  files: z.array(kept.extend({ path: text })),
  blobs: count,
  assets: count,
});
const listed = z.object({
  name: text,
  kind: text.optional(),
  versions: z.array(text),
  latest: text.optional(),
});

export const projectOutputs = {
  status: z.object({
    folder: path,
    project: server.optional(),
    failed: z.array(text).describe('tasks that failed and wait for somebody').optional(),
    workspace: path.optional(),
    packl: z.object({ name: text, version: text, kind: text.optional() }).optional(),
    next: z.array(text).describe('commands that are useful now'),
  }),
  'proj create': project,
  'proj start': z.object({ url: text, pid: count.optional(), already: flag.optional() }),
  'proj stop': z.object({ stopped: flag, forced: flag }),
  'proj status': server.extend({ handlers: z.array(handler) }),
  'proj backup': backup,
  'proj restore': z.object({ project, report: fsck }),
  'proj upgrade': z.object({ has: text.optional(), brings: text, newer: flag, published: flag }),
  'proj user list': z.array(user),
  'proj user add': user,
  'proj user set': user,
  'proj user remove': named,
  'proj token create': z.object({ token: text.describe('told only this once'), user: text }),
  'proj token list': z.array(token),
  'proj token revoke': id,
  'proj audit': z.array(
    z.object({ id: text, at: when, who: text, from: text, action: text, subject: text, outcome: text }),
  ),
  'proj webhook list': z.array(webhook),
  'proj webhook add': z.object({ webhook, secret: text }),
  'proj webhook remove': id,
  'proj webhook redeliver': z.array(delivery),
  'proj webhook test': delivery,
  'proj reach list': z.array(text),
  'proj reach add': host,
  'proj reach remove': host,
  'proj keys list': z.array(key),
  'proj keys rotate': key,
  'proj group list': z.array(group),
  'proj group set': group,
  'proj group remove': named,
  'proj index create-default': z.object({ index, already: flag }),
  'proj index create': index,
  'proj index create-sub': index,
  'proj index set': index,
  'proj index remove': z.object({ name: text, removed: count.describe('versions') }),
  'proj index list-indexes': z.array(index),
  'proj index list': z.array(listed),
  'packl list': z.array(listed),
  login,
  logout: login,
  fsck,
  open: z.object({ url: text }),
  doctor: z.object({
    ok: flag,
    findings: z.array(
      z.object({
        check: text,
        state: z.enum(['ok', 'warning', 'problem']),
        what: text,
        fix: text.optional(),
        done: text.optional(),
      }),
    ),
  }),
};
