/** What is wrong with something that was given, one line each, as errors that people cause carry them. */
import { z } from 'zod';

/** @param whole what to call it where no field of it is meant: `the file` */
export const problemsIn = ({ issues }: z.ZodError, whole: string): string[] =>
  issues.map(({ path, message }) => `${z.core.toDotPath(path) || whole}: ${message}`);
