/** Bundle: a program and the libraries it imports, as one file for browsers. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineTaskType } from '@pipl/pipe';
import { Library, Program } from './products.ts';

export const Bundle = defineTaskType({
  name: 'Bundle',
  needs: { program: Program },
  makes: { library: Library },
})
  .step('bundle', {
    async run({ inputs, outputs }) {
      const { build } = await import('esbuild');
      await build({
        entryPoints: [join(inputs.program.source.dir, 'main.js')],
        outfile: outputs.library.script.path,
        bundle: true,
        minify: true,
        format: 'esm',
        // What the program imports is what this pipeline has, not what lies beside the program.
        nodePaths: nodeModules(),
        logLevel: 'silent',
      });
    },
  })
  .check('it stands alone', async ({ outputs }) => {
    const { build } = await import('esbuild');
    const { metafile } = await build({
      entryPoints: [outputs.library.script.path],
      bundle: true,
      write: false,
      metafile: true,
      logLevel: 'silent',
    });
    const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
    if (imports.length > 0) throw new Error(`it still imports ${imports.map(({ path }) => path).join(', ')}`);
  });

/** Folders that hold the libraries of this pipeline. */
const nodeModules = (): string[] =>
  ['three', 'three-mesh-bvh'].map((library) => {
    const file = fileURLToPath(import.meta.resolve(library));
    return file.slice(0, file.lastIndexOf('/node_modules/') + '/node_modules'.length);
  });
