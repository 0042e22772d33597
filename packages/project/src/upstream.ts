/** The npm registry that this machine is configured for: asked once, when a project is created. */
import { homedir } from 'node:os';
import { piplError } from '@pipl/packl';
import { execa } from 'execa';
import { pnpmCommand } from './pnpm.ts';

/**
 * What `pnpm config get registry` says: npm's settings count for it too, and it knows the public one.
 * @throws PIPL_NO_UPSTREAM (exit 3)
 */
export async function upstreamRegistry(): Promise<string> {
  const { stdout, stderr, failed } = await execa(pnpmCommand(), ['config', 'get', 'registry'], {
    cwd: homedir(),
    reject: false,
    stdin: 'ignore',
  });
  const told = stdout?.trim() ?? '';
  if (!failed && URL.canParse(told)) return told;
  throw piplError('notFound', 'PIPL_NO_UPSTREAM', {
    what: 'The npm registry of this machine is not known.',
    why: `pnpm did not name one: ${stderr?.trim() || told || 'it could not be started'}.`,
    hint: 'Install pnpm 12, or name the registry: pipl proj create PATH --npm URL',
  });
}
