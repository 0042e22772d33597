/**
 * The body of a publish, read as it arrives: JSON in which the tarballs stand as base64. They become
 * {@link ReceivedTarball}s on the way; what is left is small and parsed as one document.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { piplError } from '@pipl/packl';
import type { Blobs } from '../blobs/blobs.ts';
import { bodyChunks, largestDocument, parsedJson } from '../http.ts';
import { deepestJson, jsonCutter, type Path } from './stream-json.ts';
import { incomingTarball, type IncomingTarball, type ReceivedTarball } from './stream-tarball.ts';

export interface PublishBody extends AsyncDisposable {
  /** with a label in place of each tarball */
  readonly document: unknown;
  /** undefined for anything that is not such a label */
  tarball(label: unknown): ReceivedTarball | undefined;
}

/** Where npm's document and pipl's release carry tarballs. */
export const inNpmDocument = ([first, , last]: Path) => first === '_attachments' && last === 'data';
export const inRelease = ([first, , last]: Path) => first === 'packls' && last === 'tarball';

/** As many as a release may sensibly have; each may hold a file open while it arrives. */
const mostTarballs = 1000;

const tooMany = () =>
  piplError('invalid', 'PIPL_TOO_BIG', {
    what: 'The request is too big.',
    why: `It has more than ${mostTarballs} tarballs.`,
    hint: 'Publish in several releases.',
  });

/** @throws PIPL_BODY PIPL_TOO_BIG PIPL_CUT_SHORT, the errors of the file system; then nothing is kept */
export async function readPublish(
  request: IncomingMessage,
  { blobs, isCut }: { blobs: Blobs; isCut: (path: Path) => boolean },
): Promise<PublishBody> {
  // Nobody can know it beforehand, so nobody can write a label himself.
  const secret = randomBytes(12).toString('hex');
  const label = (at: number) => `${secret}:${at}`;
  const received: ReceivedTarball[] = [];
  let incoming: IncomingTarball | undefined;
  const cutter = jsonCutter({ isCut, cutDepth: 3, label, mostRest: largestDocument, deepest: deepestJson });
  const discard = async () => {
    await incoming?.discard();
    for (const one of received) await one.discard();
  };
  try {
    for await (const chunk of bodyChunks(request)) {
      for (const piece of cutter.feed(chunk)) {
        if (piece.is === 'begin') {
          if (received.length === mostTarballs) throw tooMany();
          incoming = incomingTarball(blobs);
        } else if (piece.is === 'bytes') await incoming?.write(piece.bytes);
        else if (incoming !== undefined) {
          received.push(await incoming.end());
          incoming = undefined;
        }
      }
    }
    const document = parsedJson(cutter.rest());
    const byLabel = new Map(received.map((one, at) => [label(at), one]));
    return {
      document,
      tarball: (given) => (typeof given === 'string' ? byLabel.get(given) : undefined),
      [Symbol.asyncDispose]: discard,
    };
  } catch (error) {
    await discard();
    throw error;
  }
}
