/**
 * Passwords as scrypt hashes. The work runs on libuv's threads, never on the main one, on two of them at most,
 * and takes as long for a user that does not exist.
 *
 * Stored as `scrypt$<log2 N>$<r>$<p>$<salt>$<hash>`, so that the cost can grow while old ones still verify.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<
  string,
  Uint8Array,
  number,
  { N: number; r: number; p: number; maxmem: number },
  Buffer
>(scrypt);
const cost = { log2N: 15, r: 8, p: 1 };
const bytes = 32;

/** Of libuv's four threads, so that files are still read and written while somebody guesses passwords. */
const atOnce = 2;
let running = 0;
const queue: (() => void)[] = [];

async function run(password: string, salt: Uint8Array, { log2N, r, p }: typeof cost): Promise<Buffer> {
  if (running >= atOnce) await new Promise<void>((resolve) => queue.push(resolve));
  else running += 1;
  try {
    const options = { N: 2 ** log2N, r, p, maxmem: 256 * 2 ** log2N * r };
    return await derive(password.normalize('NFKC'), salt, bytes, options);
  } finally {
    const next = queue.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await run(password, salt, cost);
  const { log2N, r, p } = cost;
  return ['scrypt', log2N, r, p, salt.toString('base64'), hash.toString('base64')].join('$');
}

/** @param stored undefined when there is no such user: false, after the same work */
export async function passwordMatches(password: string, stored: string | undefined): Promise<boolean> {
  const [scheme, log2N, r, p, salt, hash] = (stored ?? '').split('$');
  if (scheme !== 'scrypt' || salt === undefined || hash === undefined) {
    await run(password, Buffer.alloc(16), cost);
    return false;
  }
  const derived = await run(password, Buffer.from(salt, 'base64'), {
    log2N: Number(log2N),
    r: Number(r),
    p: Number(p),
  });
  const expected = Buffer.from(hash, 'base64');
  return expected.length === derived.length && timingSafeEqual(expected, derived);
}
