/**
 * Runs a ticket that does nothing, in a folder of its own, before the first real one comes.
 *
 * A warm process has loaded its modules, but code that never ran is compiled when it first does: measured, the
 * first ticket of a runner starts its first action about three times later than the second. No network, no
 * registry, nothing published; the folder is removed.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SpareParts } from '@pipl/openjd-sessions';
import { indexName, type Ticket } from '@pipl/packl';
import { packProduct } from './products.ts';
import { runTicket } from './run.ts';

const manifest = {
  name: '@pipl/rehearsal',
  version: '1.0.0',
  pipl: {
    kind: 'task' as const,
    type: '@pipl/rehearsal#None',
    inputs: {},
    products: {},
    parameters: {},
    job: 'job.json',
  },
};
const job = {
  specificationVersion: 'jobtemplate-2023-09',
  name: 'rehearsal',
  steps: [{ name: 'nothing', script: { actions: { onRun: { command: '/bin/sh', args: ['-c', ':'] } } } }],
};
const digest = Buffer.alloc(64);

const ticket: Ticket = {
  runKey: 'rehearsal',
  attempt: 'rehearsal.1',
  purpose: 'qa',
  index: indexName('root/rehearsal'),
  task: { name: manifest.name, version: manifest.version, integrity: `sha512-${digest.toString('base64')}` },
  field: manifest.pipl,
  inputs: [],
  products: [],
  codeLock: { hash: 'none', dependencies: {}, lockfile: '' },
};

/** Never rejects: what is wrong with the machine will be told by the first real run. */
export async function rehearse(spareParts: SpareParts): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'pipl-rehearsal-'));
  try {
    const task = join(root, 'cache', 'packls', digest.toString('hex'));
    const folder = join(root, 'runs', ticket.attempt);
    await mkdir(task, { recursive: true });
    await mkdir(folder, { recursive: true });
    await writeFile(join(task, 'package.json'), JSON.stringify(manifest));
    await writeFile(join(task, 'job.json'), JSON.stringify(job));
    await writeFile(join(folder, 'ticket.json'), JSON.stringify(ticket));
    await writeFile(
      join(folder, 'access.json'),
      JSON.stringify({ registry: 'http://127.0.0.1:9', token: '' }),
    );
    const config = {
      registry: '',
      assets: join(root, 'assets'),
      trees: join(root, 'trees'),
      cache: join(root, 'cache'),
      node: process.execPath,
      pnpm: '',
    };
    const cancel = new AbortController().signal;
    await runTicket({ folder, config, cancel, onEvent: () => undefined, spareParts });
    await packProduct({ name: '@pipl/rehearsal', version: '1.0.0' });
  } catch (error) {
    process.emitWarning(`The rehearsal failed: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
