/** Names of slots and assets become names of folders and of job parameters: nothing else may hide in them. */
import { piplError } from '@pipl/packl';

/** @throws PIPL_NAME */
export function safeName(name: string): string {
  if (/^[A-Za-z_][\w-]{0,63}$/.test(name)) return name;
  throw piplError('invalid', 'PIPL_NAME', {
    what: `"${name}" cannot name a slot or an asset.`,
    why: 'It becomes the name of a folder: letters, digits, underscore and dash, a letter first, at most 64.',
    hint: 'Rename it in the pipl field, and in the type it comes from.',
  });
}
