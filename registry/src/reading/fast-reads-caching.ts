/** What answers say to the caches of clients, and what those say they have. */
import type { IncomingMessage } from 'node:http';

/** Whether the client has it already. */
export const hasIt = ({ headers }: IncomingMessage, etag: string): boolean => {
  const given = headers['if-none-match'];
  if (given === undefined) return false;
  const plain = etag.replace(/^W\//, '');
  return given === '*' || given.split(',').some((one) => one.trim().replace(/^W\//, '') === plain);
};

/** Headers of a document: it may be kept, and is asked for again. */
export const validatorsOf = (etag: string): string[] => [
  'etag',
  etag,
  'cache-control',
  'no-cache',
  'vary',
  'accept, accept-encoding, authorization',
];
