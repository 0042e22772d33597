/**
 * Where the other parts of pipl stand: beside this file when bundled, else in the source tree. `@pipl/project`
 * may not import the server, so it is handed over as a command line.
 */
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { piplError } from '@pipl/packl';

const beside = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** A file of the bundle: beside this one, or above it when this one became part of a chunk. */
const ofBundle = (name: string): string | undefined =>
  [beside(`./${name}`), beside(`../${name}`)].find((file) => existsSync(file));

export function serverCommand(): string[] {
  const told = process.env['PIPL_SERVE'];
  if (told) return [process.execPath, told];
  return [process.execPath, ofBundle('serve.mjs') ?? fileURLToPath(import.meta.resolve('@pipl/ci/serve'))];
}

/** The tarball of `@pipl/pipe` that a new project starts with. @throws PIPL_NOT_BUILT */
export function pipeTarball(): string {
  const built = beside('../../pipe/dist/');
  const inTree = existsSync(built) ? readdirSync(built).filter((name) => name.endsWith('.tgz')) : [];
  const places = [
    process.env['PIPL_PIPE'],
    ofBundle('pipl-pipe.tgz'),
    ...inTree.map((name) => `${built}${name}`),
  ];
  const found = places.find((place) => place !== undefined && existsSync(place));
  if (found !== undefined) return found;
  throw piplError('notFound', 'PIPL_NOT_BUILT', {
    what: 'The pipeline framework @pipl/pipe is not built.',
    why: 'Every project starts with it in its default index.',
    hint: 'In the source tree: node packages/pipe/build.mjs; or name its tarball: PIPL_PIPE=FILE',
  });
}

/** Whole projects that `pipl proj create` can begin with. */
export const templates = ['short', 'data', 'docs'] as const;

/** @throws PIPL_TEMPLATE for one that there is not, PIPL_NOT_BUILT in a tree whose bundle was not made */
export function templateFolder(name: string): string {
  if (!(templates as readonly string[]).includes(name)) {
    throw piplError('usage', 'PIPL_TEMPLATE', {
      what: `There is no template ${name}.`,
      why: `pipl brings ${templates.join(', ')}.`,
      hint: `For example: pipl proj create film --template ${templates[0]}`,
    });
  }
  const found = ofBundle(`templates/${name}`) ?? [beside(`../dist/templates/${name}`)].find(existsSync);
  if (found !== undefined) return found;
  throw piplError('notFound', 'PIPL_NOT_BUILT', {
    what: 'The templates of projects are not built.',
    why: 'They stand beside the bundled command.',
    hint: 'In the source tree: node packages/cli/build.mjs',
  });
}
