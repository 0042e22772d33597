/** `openjd check`: whether a template, of a job or an environment, follows the specification. */
import { decodeEnvironmentTemplate, decodeJobTemplate } from '@pipl/openjd-model';
import type { Arguments } from './arguments.ts';
import type { Surroundings } from './perform.ts';
import { CommandFault, isOnPurpose, type Report } from './report.ts';
import { allowedExtensions, documentOf, readText } from './template-file.ts';

export function check(given: Arguments, { cwd }: Surroundings): Report {
  const supportedExtensions = allowedExtensions(given.values('--extensions'));
  const path = given.path!;
  try {
    checkDocument(documentOf(readText(path, { cwd }), path), supportedExtensions);
  } catch (error) {
    if (error instanceof CommandFault) throw new CommandFault(error.fault, `ERROR: ${error.message}`);
    if (!isOnPurpose(error)) throw error;
    throw new CommandFault('invalid', `ERROR: '${path}' failed checks: ${error.message}`, { cause: error });
  }
  return { status: 'success', message: `Template at '${path}' passes validation checks.` };
}

/** @throws TemplateInvalid if the document is no template, of whichever kind it says it is */
export function checkDocument(document: unknown, supportedExtensions: readonly string[]): void {
  const version =
    typeof document === 'object' && document !== null && 'specificationVersion' in document
      ? String(document.specificationVersion)
      : '';
  const decode = version.startsWith('environment-') ? decodeEnvironmentTemplate : decodeJobTemplate;
  decode(document, { supportedExtensions });
}
