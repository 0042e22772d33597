/** Frame numbers in file names: `sh010.0001.png` is frame 1. */
const numbered = /(?:^|[._])(-?\d+)(?:\.[A-Za-z0-9]+)+$/;

/** The number before the extension; undefined where there is none. */
export function frameOf(name: string): number | undefined {
  const digits = numbered.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
