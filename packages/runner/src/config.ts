/** Where a runner finds its surroundings. Comes on its stdin, as the first line. Folders are absolute. */
export interface RunnerConfig {
  /** base URL */
  readonly registry: string;
  /** file in which whichever server of the project took over last says where it listens */
  readonly serverNote?: string;
  /** root of the asset store */
  readonly assets: string;
  /** installed trees, by hash of the code lock */
  readonly trees: string;
  /** unpacked packls, by integrity */
  readonly cache: string;
  /** the Node that jobs find first on their PATH */
  readonly node: string;
  readonly pnpm: string;
  /** seconds for a run whose ticket does not say; absent: as long as it takes */
  readonly timeout?: number;
  /** sessions at once in one run; default: the cores of the machine */
  readonly concurrency?: number;
}
