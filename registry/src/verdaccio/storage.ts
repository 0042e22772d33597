/**
 * Verdaccio's storage, as 6.10.4 really calls it: with callbacks, not the promises of its type declarations.
 * Reads only. Writes never come this far; should a future version try one, it is refused.
 */
import { PassThrough } from 'node:stream';
import { httpStatuses, PiplError } from '@pipl/packl';
import type { Blobs } from '../blobs/blobs.ts';
import { asking } from '../context.ts';
import type { Packument } from '../reading/packument.ts';
import type { Reads } from '../reading/reads.ts';

export interface Shelves {
  readonly reads: Reads;
  readonly blobs: Pick<Blobs, 'open'>;
}

type Callback<T> = (error: Error | null, value?: T) => void;

/** Verdaccio tells "not there" by this code from all other failures. */
const notThere = (): Error =>
  Object.assign(new Error('no such package available'), { code: 'ENOENT', status: 404 });

const readOnly = (): Error =>
  Object.assign(new Error('writes do not go through Verdaccio here'), { status: 405 });

/** Leaves the promise, so that what the callback throws is not taken for a failure of the question. */
function answer<T>(question: Promise<T>, callback: Callback<T>): void {
  question.then(
    (value) => process.nextTick(callback, null, value),
    (error: unknown) => process.nextTick(callback, error),
  );
}

const requireAsked = () => {
  const asked = asking.getStore();
  if (asked === undefined) throw new Error('Verdaccio asked for something outside of a request');
  return asked;
};

async function packumentFor(reads: Reads, name: string): Promise<Packument> {
  const asked = requireAsked();
  const { order, form, document } = asked;
  const packument = document?.name === name ? document.packument : await reads.packument(order, name, form);
  if (packument === undefined) throw notThere();
  return packument;
}

/** Verdaccio answers an error with the status it carries, and with 500 when there is none. */
const withStatus = (error: unknown): unknown =>
  error instanceof PiplError ? Object.assign(error, { status: httpStatuses[error.kind] }) : error;

/** A stream that says `open` and `content-length` before its bytes, and can be given up. */
function tarballStream({ reads, blobs }: Shelves, name: string, file: string): PassThrough {
  const out = Object.assign(new PassThrough(), { abort: () => undefined as void });
  const open = async () => {
    const found = await reads.tarball(requireAsked().order, name, file);
    if (found === undefined) throw notThere();
    const content = await blobs.open(found.integrity);
    if (content === undefined) throw notThere();
    const source = content.stream();
    out.abort = () => void source.destroy();
    source.on('error', (error) => out.emit('error', error));
    out.emit('content-length', content.size);
    out.emit('open');
    source.pipe(out);
  };
  open().catch((error: unknown) => out.emit('error', withStatus(error)));
  return out;
}

const packageStorage = (shelves: Shelves, name: string) => ({
  readPackage: (_name: string, callback: Callback<Packument>) =>
    answer(packumentFor(shelves.reads, name), callback),
  readTarball: (file: string) => tarballStream(shelves, name, file),
  writeTarball: () => {
    const stream = new PassThrough();
    process.nextTick(() => stream.emit('error', readOnly()));
    return Object.assign(stream, { abort: () => undefined, done: () => undefined });
  },
  ...Object.fromEntries(
    ['createPackage', 'savePackage', 'updatePackage', 'deletePackage', 'removePackage'].map((method) => [
      method,
      (...parameters: unknown[]) => (parameters.at(-1) as Callback<void>)(readOnly()),
    ]),
  ),
});

type Found = { name: string; path: string; time: number };

export function storagePlugin(shelves: Shelves, secret: string) {
  const { reads } = shelves;
  const names = async () => {
    // Verdaccio also asks once at start, outside of any index, to fill a search index of its own.
    const asked = asking.getStore();
    return asked === undefined ? [] : reads.names(asked.order);
  };
  const refuse = (...parameters: unknown[]) => (parameters.at(-1) as Callback<void>)(readOnly());
  return {
    getPackageStorage: (name: string) => packageStorage(shelves, name),
    get: (callback: Callback<string[]>) => answer(names(), callback),
    search(onPackage: (found: Found, next: () => void) => void, onEnd: (error?: Error) => void) {
      const walk = async () => {
        for (const name of await names()) {
          await new Promise<void>((next) => onPackage({ name, path: name, time: Date.now() }, next));
        }
      };
      answer(walk(), (error) => (error === null ? onEnd() : onEnd(error)));
    },
    add: refuse,
    remove: refuse,
    getSecret: () => Promise.resolve(secret),
    setSecret: () => Promise.resolve(secret),
  };
}
