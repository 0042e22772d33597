/** What `pipl fsck` finds, as data. */

export type Problem =
  /** a version whose tarball is not there */
  | 'content-missing'
  /** a tarball that is not what its name says: its bytes have changed */
  | 'content-wrong'
  /** a row that says something else of its tarball than the tarball itself: name, version, sha1 */
  | 'row-wrong'
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
