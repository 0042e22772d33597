/** Manifests as small as the step allows: what the explorer and the tests publish. */
import type { Manifest } from '@pipl/packl';

export const codeManifest = (name: string, version: string): Manifest => ({
  name,
  version,
  pipl: { kind: 'code', taskTypes: { T: './t#T' }, productTypes: { P: './p#P' } },
});

export const productManifest = (name: string, version: string, content: string): Manifest => ({
  name,
  version,
  dependencies: { types: '^1.0.0' },
  pipl: { kind: 'product', type: 'types/p#P', assets: {}, metadata: { content } },
});

export interface TaskShape {
  readonly version?: string;
  /** name → range */
  readonly reads: Readonly<Record<string, string>>;
  readonly makes: readonly string[];
  readonly retries?: number;
  /** seconds */
  readonly debounce?: number;
  readonly schedule?: string;
  readonly peers?: Readonly<Record<string, string>>;
  /** does it read the last of what it makes? */
  readonly previous?: boolean;
}

export const taskManifest = (
  name: string,
  { version = '1.0.0', reads, makes, retries = 0, peers = {}, previous = false, ...times }: TaskShape,
): Manifest => ({
  name,
  version,
  dependencies: { types: '^1.0.0', ...reads },
  peerDependencies: { ...peers },
  pipl: {
    kind: 'task',
    type: 'types/t#T',
    inputs: Object.fromEntries(Object.keys(reads).map((input) => [input, input])),
    products: Object.fromEntries(makes.map((product) => [product, product])),
    parameters: {},
    ...(previous ? { previous: [...makes] } : {}),
    policy: { retries, ...times },
  },
});
