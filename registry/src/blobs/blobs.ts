/**
 * The content of versions, each named by its sha512: in a folder of the project (`folder.ts`) or in a bucket
 * (`bucket.ts`). Who publishes, reads or checks need not know which.
 *
 * Every kind promises, and `blobs-contract` in the tests checks, that
 *  1. what `hold` has returned is exactly the bytes of that name, and durable: at once, or, where the caller asked
 *     for that, when the transaction in which it called `confirm` has been committed;
 *  2. content that a row names stays, whoever collects meanwhile, in this process or another;
 *  3. content that nobody names goes, in the end.
 */
import type { Readable } from 'node:stream';
import type { Queries } from '../state/tables.ts';

/** Bytes, or a file that {@link Blobs.temporary} named: it is whole, nobody writes to it, and it is taken over. */
export type Content = Uint8Array | ContentFile;

export interface ContentFile {
  readonly file: string;
  /** When its bytes are on disk; absent: nobody has begun to bring them there. Rejects with what the disk says. */
  readonly durable?: Promise<void>;
}

export interface Found {
  readonly size: number;
  /** milliseconds since 1970 */
  readonly touched: number;
}

export interface Listed extends Found {
  readonly integrity: string;
}

/** What is on its way in, or was when a process died. */
export interface Leftover {
  /** for people */
  readonly where: string;
  /** milliseconds since 1970 */
  readonly touched: number;
  /** Puts it where it harms nobody; says where, for people. */
  setAside(): Promise<string>;
}

/** The first and the last byte, counted from 0. */
export interface Part {
  readonly from: number;
  readonly to: number;
}

/** Content that is there: taken once, as bytes or as a stream, or let go with `discard`. */
export interface Opened {
  /** of what was asked for */
  readonly size: number;
  bytes(): Promise<Buffer>;
  stream(): Readable;
  discard(): void;
}

export interface Collection {
  /** milliseconds since it was last touched */
  readonly grace: number;
  /** Which of these some row needs. */
  readonly named: Named;
}

export type Named = (integrities: readonly string[], queries?: Queries) => Promise<ReadonlySet<string>>;

export interface Collected {
  readonly files: number;
  readonly bytes: number;
}

/** What whoever takes hold of content promises to do. */
export interface HoldOptions {
  /** It runs `confirm` in the transaction that names the content: little content need not be on disk before. */
  readonly confirms?: boolean;
}

export interface Hold {
  /**
   * Inside the transaction that names the content; absent where there is nothing to do or to ask.
   * @throws PIPL_CONTENT_GOING: somebody is; `again` puts it back
   */
  readonly confirm?: (tx: Queries) => Promise<void>;
  readonly again?: () => Promise<void>;
  /** Removes the content when `isNamed` says that no row needs it and nobody else holds it. */
  settle(isNamed: () => Promise<boolean>): Promise<void>;
}

/** Content of which the database still has the bytes, because its file may not be on disk. */
export interface Arrivals {
  /** What of it is as its name says. */
  integrities(): Promise<ReadonlySet<string>>;
  /**
   * Brings all of it to disk that some row needs. @returns what was missing there, or torn
   * @throws what the disk says
   */
  settle(): Promise<readonly string[]>;
}

/** What is there: enough to read, to check and to copy it. */
export interface Contents {
  /** absent where content is durable before it is named */
  readonly arrivals?: Arrivals;
  /** Where the content is, or would be, for people: a path or an address. @throws PIPL_INTEGRITY */
  where(integrity: string): string;
  /** undefined: it is not there. @throws PIPL_INTEGRITY, what the place fails with */
  stat(integrity: string): Promise<Found | undefined>;
  /** undefined: it is not there. @throws like `stat` */
  open(integrity: string, part?: Part): Promise<Opened | undefined>;
  /** Everything that is named like content. */
  list(): AsyncIterable<Listed>;
  leftovers(): Promise<Leftover[]>;
  /** Out of the way, where a person can look at it; says where. undefined: it is gone, or a row needs it after all. */
  setAside(integrity: string, named: Named): Promise<string | undefined>;
  /** Content as a file of this machine, linked where that can be. @returns false when it is not there */
  copyTo(integrity: string, file: string): Promise<boolean>;
  /** @throws when content could not be taken now */
  look(): Promise<void>;
}

/** What a server works with. */
export interface Blobs extends Contents {
  /** A path for content on its way in, on this machine; what is left there goes at the next start. */
  temporary(): string;
  /**
   * Content goes to disk while it is being checked; `hold` tells what came of it. Absent where that is no gain, and
   * the bytes themselves come back when they are too few for it. Whoever does not take hold of a file removes it.
   */
  early?(bytes: Uint8Array): Content;
  /**
   * Makes the content durable and keeps it until `settle`.
   * @throws what the place fails with
   */
  hold(integrity: string, content: Content, options?: HoldOptions): Promise<Hold>;
  /**
   * At start, before anybody publishes or reads: brings back what a crash took, and removes what it left. Returns how
   * many files went.
   * @throws what the disk says when something that was acknowledged cannot be brought back
   */
  repair(named: () => Promise<ReadonlySet<string>>): Promise<number>;
  /** At any time: removes what no row names any longer. @throws what the place fails with */
  collect(collection: Collection): Promise<Collected>;
  /** Finishes what goes on behind the answers; absent where nothing does. */
  close?(): Promise<void>;
}
