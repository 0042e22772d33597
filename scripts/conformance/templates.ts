/** A template that must be accepted, or refused when its name has `.invalid.` in it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { checkDocument, documentOf } from '@pipl/openjd-cli';
import { implementedExtensions } from '@pipl/openjd-model';
import { errorOf, failed, passed, type Case, type Verdict } from './case.ts';
import type { Found } from './suite.ts';

export const isInvalid = (file: string): boolean => file.includes('.invalid.');

export function templateCase({ root, file, category, extension }: Found): Case {
  const supported = category.endsWith('_noext') ? [] : implementedExtensions;
  return {
    category,
    extension,
    name: file,
    run: () => {
      const text = readFileSync(join(root, file), 'utf8');
      return verdictOf(
        errorOf(() => checkDocument(documentOf(text, file), supported)),
        !isInvalid(file),
      );
    },
  };
}

export function verdictOf(error: string | undefined, isValid: boolean): Verdict {
  if ((error === undefined) === isValid) return passed;
  return isValid ? failed('accepted', `refused: ${error}`) : failed('refused', 'accepted');
}
