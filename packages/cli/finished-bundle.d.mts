export function writeEntry(entry: {
  readonly file: string;
  readonly versionFlags: readonly string[];
  readonly versionLine: string;
}): Promise<void>;
export function takePlace(made: string, finished: string): Promise<void>;
