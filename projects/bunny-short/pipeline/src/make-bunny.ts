#!/usr/bin/env node
/** `film-bunny <version> <out.glb>`: writes one version of the model and prints how a product refers to it. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { bunnyOf, variants } from './bunny-variants.ts';
import { writeMesh } from './mesh.ts';

const [version, file] = process.argv.slice(2);
const variant = variants.find((known) => known === version);
if (variant === undefined || file === undefined) {
  console.error(`film-bunny <version> <out.glb>: the versions are ${variants.join(', ')}.`);
  process.exit(2);
}
const bytes = await writeMesh(bunnyOf(variant), 'bunny');
writeFileSync(file, bytes);
const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
console.log(
  JSON.stringify({ type: 'GltfScene', kind: 'file', digest, size: bytes.length, basename: basename(file) }),
);
