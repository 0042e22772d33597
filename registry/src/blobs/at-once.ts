/** Much of the same for the disk, a few at a time: it is quicker with some together, and others want to be served. */

/** Does all of it, whatever becomes of one. @returns what was thrown, in the order of `some` */
export async function eachAtOnce<T>(
  some: Iterable<T>,
  atOnce: number,
  work: (one: T) => Promise<void>,
): Promise<{ readonly one: T; readonly error: unknown }[]> {
  const failed: { one: T; error: unknown }[] = [];
  const left = [...some][Symbol.iterator]();
  const next = async () => {
    for (const one of left) {
      try {
        await work(one);
      } catch (error) {
        failed.push({ one, error });
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, next));
  return failed;
}
