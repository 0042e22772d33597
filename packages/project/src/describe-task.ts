/**
 * Completes a new task from its type, where the workspace has it installed: which products it makes, which
 * commands people have. Asks `pipl-step describe`, the only one that loads a pipeline's code.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorFromBody, piplError, taskOf } from '@pipl/packl';
import { execa } from 'execa';
import { z } from 'zod';
import { editPackl, readPackl } from './packl-file.ts';

const Description = z.looseObject({
  inputs: z.record(z.string(), z.looseObject({ type: z.string(), many: z.boolean() })),
  products: z.record(
    z.string(),
    z.looseObject({
      type: z.string(),
      declaredBy: z.object({ name: z.string(), version: z.string() }),
      assets: z.record(
        z.string(),
        z.object({ type: z.string(), kind: z.enum(['file', 'folder', 'sequence']) }),
      ),
    }),
  ),
  parameters: z.unknown(),
  commands: z
    .record(
      z.string(),
      z.object({ label: z.string(), arguments: z.record(z.string(), z.unknown()).optional() }),
    )
    .default({}),
});
export type TaskDescription = z.output<typeof Description>;

/** What the task's type says. @throws PIPL_NOT_INSTALLED (exit 3), what the type refuses with (7) */
export async function describeTask(folder: string): Promise<TaskDescription> {
  const task = taskOf((await readPackl(folder)).manifest);
  const step = join(folder, 'node_modules', '@pipl', 'pipe', 'dist', 'pipl-step.js');
  const request = await mkdtemp(join(tmpdir(), 'pipl-describe-'));
  try {
    const file = join(request, 'request.json');
    await writeFile(file, JSON.stringify({ type: task?.type, parameters: task?.parameters ?? {} }));
    const asked = await execa(process.execPath, [step, 'describe', file], { cwd: folder, reject: false });
    if (!asked.failed) return Description.parse(JSON.parse(asked.stdout));
    throw refusalIn(asked.stderr) ?? notInstalled(folder);
  } finally {
    await rm(request, { recursive: true, force: true });
  }
}

/** Names a product `<task>-<slot>` for every slot without one, and writes the labels of the commands. */
export async function completeTask(folder: string): Promise<{ products: Readonly<Record<string, string>> }> {
  const { products, commands } = await describeTask(folder);
  const { manifest } = await readPackl(folder);
  const named = taskOf(manifest)?.products ?? {};
  const slots = Object.keys(products);
  const all = Object.fromEntries(slots.map((slot) => [slot, named[slot] ?? `${manifest.name}-${slot}`]));
  const labels = commands as Readonly<Record<string, never>>;
  await editPackl(folder, {
    comment: 'products and commands, as the type says',
    edit: (written) => {
      const pipl = written['pipl'] as Record<string, never>;
      const withLabels = Object.keys(labels).length === 0 ? {} : { commands: labels };
      return { ...written, pipl: { ...pipl, products: all, ...withLabels } };
    },
  });
  return { products: all };
}

function refusalIn(stderr: string) {
  try {
    return errorFromBody(JSON.parse(stderr.trim().split('\n').at(-1) ?? ''));
  } catch {
    return undefined; // it ended before it could say anything in our form
  }
}

const notInstalled = (folder: string) =>
  piplError('notFound', 'PIPL_NOT_INSTALLED', {
    what: 'The type of this task could not be asked.',
    why: `Its packl and @pipl/pipe are not installed in ${folder}.`,
    hint: 'Add what it needs (pipl packl add NAME), then write "pipl.products" in package.json.',
  });
