/** What keeps a registry in order, as the HTTP API tells it: checks, backups, tidying. Root's business. */
import type { Ask } from './request.ts';

export type Problem =
  /** a version whose tarball is not there */
  | 'content-missing'
  /** a tarball that is not what its name says: its bytes have changed */
  | 'content-wrong'
  /** a tarball that was not on disk when the machine stopped, and that the database still has */
  | 'content-torn'
  /** a row that says something else of its tarball than the tarball itself: name, version, sha1 */
  | 'row-wrong'
  /** a version that no key of the registry has signed as it is */
  | 'signature-wrong'
  /** a tarball that no row names */
  | 'content-unnamed'
  /** a mirror's tarball that is not there or has changed: it can be fetched again */
  | 'mirrored-missing'
  | 'mirrored-wrong'
  /** what a process left that died while it wrote */
  | 'left-behind'
  /** a tag of a version that the index does not show */
  | 'tag-dangling'
  /** a seq that is missing, or beyond the head */
  | 'feed-gap'
  /** a version of which the feed does not tell, or something else */
  | 'feed-differs';

export interface Finding {
  readonly problem: Problem;
  /** `name@version in owner/index`, a file, a seq */
  readonly subject: string;
  /** one sentence */
  readonly why: string;
  /** what `--repair` did; absent: nothing, it is not safe to do something by itself */
  readonly done?: string;
}

export interface FsckReport {
  /** nothing was found, or all that was found is mended */
  readonly ok: boolean;
  readonly readData: boolean;
  readonly checked: {
    readonly versions: number;
    readonly mirrored: number;
    readonly tags: number;
    readonly changes: number;
    readonly files: number;
    /** that were read, with `readData` */
    readonly bytes: number;
  };
  readonly findings: readonly Finding[];
}

export interface FsckOptions {
  /** read every tarball, not only look whether it is there */
  readonly readData?: boolean;
  /** mend what can be mended without losing anything */
  readonly repair?: boolean;
}

export interface BackupManifest {
  readonly schema: 1;
  /** name of the project */
  readonly project: string;
  /** ISO 8601, UTC */
  readonly made: string;
  /** the newest change that is in it */
  readonly head: number;
  readonly database: BackedUp & { readonly kind: 'sqlite' | 'lines'; readonly file: string };
  /** settings and keys, relative to the project */
  readonly files: readonly (BackedUp & { readonly path: string })[];
  /** how many; each is named by its content */
  readonly blobs: number;
  readonly assets: number;
}

export interface BackedUp {
  /** bytes */
  readonly size: number;
  /** sha256 */
  readonly hex: string;
}

export interface Tidied {
  /** versions that volatile indexes need not keep any longer */
  readonly retained: readonly { readonly index: string; readonly name: string; readonly version: string }[];
  /** content that nobody needs any longer */
  readonly collected: { readonly files: number; readonly bytes: number };
}

export interface UpkeepClient {
  /** Checks the whole registry while it works. @throws PIPL_DENIED */
  fsck(options?: FsckOptions): Promise<FsckReport>;
  /** @param to a folder of the server's machine that is not there yet @throws PIPL_BACKUP_TAKEN */
  backup(to: string): Promise<BackupManifest>;
  /** What the server does every hour, now. */
  tidy(): Promise<Tidied>;
}

const post = (what: string, body: unknown): Ask => ({
  method: 'POST',
  path: `/-/pipl/v1/upkeep/${what}`,
  body,
});

export const upkeepMethods = (json: <T>(ask: Ask) => Promise<T>): UpkeepClient => ({
  fsck: (options = {}) => json(post('fsck', options)),
  backup: (to) => json(post('backup', { to })),
  tidy: () => json(post('tidy', {})),
});
