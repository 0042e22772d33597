/**
 * pnpm as a command: which one, and an environment in which only our own settings speak.
 *
 * `npm run` sets npm_config_* for its children; those would send pnpm to another registry than the one it
 * was told.
 */
import { piplError } from '@pipl/packl';
import { execa } from 'execa';

export const pnpmCommand = (env: NodeJS.ProcessEnv = process.env): string => env['PIPL_PNPM'] || 'pnpm';

/** The environment without what npm or pnpm put there for their own children. */
export const withoutPackageManager = (env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(?:npm|pnpm)_/i.test(name) && name !== 'INIT_CWD'),
  );

/** For an index that not everybody may read. */
export interface PnpmLogin {
  /** URL of the index, with a slash at the end */
  readonly registry: string;
  readonly token: string | undefined;
}

/** A token belongs neither into a file of the workspace nor on a command line. */
const loginEnv = ({ registry, token }: PnpmLogin): NodeJS.ProcessEnv =>
  token === undefined ? {} : { [`npm_config_${registry.replace(/^https?:/, '')}:_authToken`]: token };

/** @returns stdout @throws PIPL_NO_PNPM, PIPL_INSTALL (with pnpm's own reason) */
export async function pnpm(
  args: readonly string[],
  { cwd, login }: { cwd: string; login: PnpmLogin },
): Promise<string> {
  const { exitCode, stdout, stderr, failed, cause } = await execa(pnpmCommand(), [...args], {
    cwd,
    env: { ...withoutPackageManager(), ...loginEnv(login), CI: '1' },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
  });
  if (!failed) return stdout;
  if (exitCode === undefined) throw noPnpm(cause);
  throw installFailed(args, `${stdout}\n${stderr}`);
}

const noPnpm = (cause: unknown) =>
  piplError('notFound', 'PIPL_NO_PNPM', {
    what: 'pnpm could not be started.',
    why: 'Installing packls needs pnpm 12 on the PATH.',
    hint: 'Install it (npm install --global pnpm@12), or name it: PIPL_PNPM=/path/to/pnpm',
    cause,
  });

function installFailed(args: readonly string[], output: string) {
  const lines = output.split('\n').map((line) => line.trim());
  const reason =
    lines.find((line) => /ERR_PNPM|\berror\b/i.test(line)) ?? lines.findLast((line) => line !== '');
  const absent = /\bGET https?:\/\/\S*\/((?:@[^/\s]+(?:%2f|\/))?[^/\s:]+):?.*\b404\b/i.exec(output)?.[1];
  const nothing = /NO_MATCHING_VERSION|FETCH_404|is not in the npm registry|No matching version/i.test(
    output,
  );
  return piplError(nothing ? 'unresolvable' : 'unreachable', 'PIPL_INSTALL', {
    what: `pnpm ${args[0]} failed.`,
    why:
      absent === undefined
        ? (reason ?? 'It did not say why.')
        : `A packl of the workspace asks for ${decodeURIComponent(absent)}, and nobody published that.`,
    hint: nothing
      ? 'Ask for a version that the index has: pipl proj index list; packls that wait for others live in a workspace of their own.'
      : 'Is the server up, and the npm registry behind it reachable? pipl proj status',
    problems: lines.filter((line) => line !== ''),
  });
}
