/** Whole projects that `pipl proj create --template` begins with: the example productions, without their tests. */
import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gather } from '../../projects/handbook/gather.ts';

const productions = { short: 'bunny-short', data: 'weather', docs: 'handbook' };

/**
 * @param {string} repository
 * @param {string} outdir gets `templates/<name>`
 */
export async function copyTemplates(repository, outdir) {
  for (const [name, production] of Object.entries(productions)) {
    const from = join(repository, 'projects', production);
    const to = join(outdir, 'templates', name);
    await mkdir(to, { recursive: true });
    await cp(join(from, 'template.json'), join(to, 'template.json'));
    const { workspaces } = JSON.parse(await readFile(join(from, 'template.json'), 'utf8'));
    for (const packl of Object.values(workspaces).flat())
      await cp(join(from, packl), join(to, packl), { recursive: true });
    if (name === 'docs') await gather(to);
  }
}
