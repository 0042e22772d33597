export function writeEntry(entry: {
  readonly file: string;
  readonly versionFlags: readonly string[];
  readonly versionLine: string;
  readonly help?: string;
}): Promise<void>;
export function takePlace(made: string, finished: string): Promise<void>;
export function dropIdleRequire(folder: string, banner: string): Promise<void>;
