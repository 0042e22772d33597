/** What clients send and write, the same for every server that is measured. */
import { packTarball } from '@pipl/registry-client';

const bytes = (text: string) => new TextEncoder().encode(text);

export interface Publication {
  readonly name: string;
  readonly version: string;
  readonly tarball: Uint8Array;
  readonly manifest: Readonly<Record<string, unknown>>;
  /** npm's document, as `npm publish` sends it */
  readonly document: string;
}

/** A small code packl, some 800 bytes packed. */
export async function publication(name: string, version: string): Promise<Publication> {
  const manifest = { name, version, description: 'made to be measured', dependencies: {} };
  const noise = Array.from({ length: 40 }, (_, line) => `export const n${line} = ${Math.random()};`);
  const { tarball, integrity, shasum } = await packTarball(
    new Map([
      ['package.json', bytes(JSON.stringify(manifest))],
      ['index.js', bytes(noise.join('\n'))],
      ['README.md', bytes(`# ${name}\n`)],
    ]),
  );
  const file = `${name}-${version}.tgz`;
  const document = JSON.stringify({
    _id: name,
    name,
    'dist-tags': { latest: version },
    versions: {
      [version]: {
        ...manifest,
        _id: `${name}@${version}`,
        readme: `# ${name}\n`,
        dist: { integrity, shasum, tarball: `http://localhost/${name}/-/${file}` },
      },
    },
    access: null,
    _attachments: {
      [file]: {
        content_type: 'application/octet-stream',
        data: Buffer.from(tarball).toString('base64'),
        length: tarball.length,
      },
    },
  });
  return { name, version, tarball, manifest, document };
}
