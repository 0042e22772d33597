/**
 * Templates: whole projects to begin with. A template is a folder with a `template.json`, which says what the project
 * reacts to and which of the packls beside it stand in which workspace.
 *
 * What a template does to a new project before anybody can see it is the caller's: this reads and copies.
 */
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Handlers, piplError } from '@pipl/packl';
import { z } from 'zod';
import { readText } from './atomic-file.ts';

const name = z.string().regex(/^[A-Za-z0-9][\w.-]*$/);

const Template = z.strictObject({
  /** what `--template` is given */
  name,
  description: z.string(),
  /** workspace → folders of the template that become packls of it */
  workspaces: z.record(name, z.array(name)),
  handlers: Handlers,
  /** as in `.pipl` */
  gates: z.record(z.string(), z.looseObject({})).default({}),
  /** what to type next, one line each, in the project's folder */
  next: z.array(z.string()),
});
export type Template = z.output<typeof Template>;

/** @param folder of the template @throws PIPL_TEMPLATE */
export async function readTemplate(folder: string): Promise<Template> {
  const file = join(folder, 'template.json');
  const text = await readText(file);
  const refuse = (why: string) =>
    piplError('invalid', 'PIPL_TEMPLATE', {
      what: `${folder} is no template of a project.`,
      why,
      hint: 'Name one of those that `pipl proj create --help` lists.',
    });
  if (text === undefined) throw refuse(`It has no ${file}.`);
  const parsed = Template.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw refuse(z.prettifyError(parsed.error));
}

/** Copies the template's packls into a workspace. */
export async function fillWorkspace(
  template: { readonly folder: string; readonly packls: readonly string[] },
  workspace: string,
): Promise<void> {
  for (const packl of template.packls) {
    await mkdir(join(workspace, packl), { recursive: true });
    await cp(join(template.folder, packl), join(workspace, packl), { recursive: true });
  }
}
