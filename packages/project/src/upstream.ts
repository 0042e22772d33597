/** The npm registry that this machine is configured for: asked once, when a project is created. */
import { homedir } from 'node:os';
import { execa } from 'execa';
import { pnpmCommand } from './pnpm.ts';

const publicRegistry = 'https://registry.npmjs.org/';

/** What `pnpm config get registry` says (npm's settings count for it too), else npm's public registry. */
export async function upstreamRegistry(): Promise<string> {
  const { stdout, failed } = await execa(pnpmCommand(), ['config', 'get', 'registry'], {
    cwd: homedir(),
    reject: false,
    stdin: 'ignore',
  });
  const told = stdout?.trim() ?? '';
  return !failed && URL.canParse(told) ? told : publicRegistry;
}
