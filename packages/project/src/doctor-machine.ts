/** What pipl needs of the machine, and of its own files in a person's home. */
import { chmod, stat, statfs } from 'node:fs/promises';
import { execa } from 'execa';
import { authFile } from './credentials.ts';
import { type Check, type Examined, type Finding, ok } from './doctor-words.ts';
import { pnpmCommand } from './pnpm.ts';

type Found = Omit<Finding, 'check'>;

export const machineChecks = ({ where, fix }: Examined): Check[] => [
  { check: 'node', run: async () => nodeVersion() },
  { check: 'pnpm', run: pnpmVersion },
  { check: 'disk', run: () => freeDisk(where.from ?? '.') },
  { check: 'logins', run: () => ownFile(authFile(), { fix, what: 'Saved logins' }) },
];

function nodeVersion(): Found[] {
  const { node } = process.versions;
  if (Number(node.split('.')[0]) >= 24) return ok(`Node ${node}`);
  return [{ state: 'problem', what: `Node ${node} is too old: pipl needs 24.`, fix: 'Install Node 24.' }];
}

async function pnpmVersion(): Promise<Found[]> {
  const { stdout, failed } = await execa(pnpmCommand(), ['--version'], { reject: false, stdin: 'ignore' });
  const version = stdout?.trim() ?? '';
  if (!failed && Number(version.split('.')[0]) >= 12) return ok(`pnpm ${version}`);
  const what = failed ? 'pnpm could not be started.' : `pnpm ${version} is too old: pipl needs 12.`;
  return [{ state: 'problem', what, fix: 'npm install --global pnpm@12' }];
}

const gigabyte = 1e9;

async function freeDisk(folder: string): Promise<Found[]> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const what = `${(free / gigabyte).toFixed(1)} GB free at ${folder}`;
  if (free > gigabyte) return ok(what);
  return [{ state: 'warning', what, fix: 'Make room: a full disk refuses publishes and stops runs.' }];
}

/** A file with secrets is for its owner only. One that is not there is no problem. */
export async function ownFile(file: string, { fix, what }: { fix: boolean; what: string }): Promise<Found[]> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return ok(`${what}: none`);
  const open = (found.mode & 0o077) !== 0 && process.platform !== 'win32';
  if (!open) return ok(`${what}: ${file}, for you only`);
  const problem = {
    state: 'problem',
    what: `${what}: others may read ${file}.`,
    fix: `chmod 600 ${file}`,
  } as const;
  if (!fix) return [problem];
  await chmod(file, 0o600);
  return [{ ...problem, done: 'Only you may read it now.' }];
}
