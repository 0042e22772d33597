/** What `pipl-step` refuses, in words. */
import { type PiplError, piplError } from '@pipl/packl';

export const badEntryPoint = (written: string): PiplError =>
  piplError('invalid', 'PIPL_TYPE_NAME', {
    what: `${JSON.stringify(written)} does not name a type.`,
    why: 'A type is written <packl>/<module>#<Name>, like @film/pipeline/render#Render.',
    hint: 'Mend "type" in its package.json.',
  });

export const notInstalled = (packl: string, searched: readonly string[]): PiplError =>
  piplError('invalid', 'PIPL_PACKL_NOT_INSTALLED', {
    what: `${packl} is not installed.`,
    why: `There is no node_modules/${packl} above ${searched.join(' or ')}.`,
    hint: `Add ${packl} to the dependencies of the packl.`,
  });

export function noSuchType(
  written: string,
  {
    packl,
    field,
    listed,
  }: {
    readonly packl: string;
    readonly field: 'taskTypes' | 'productTypes';
    readonly listed: Readonly<Record<string, string>>;
  },
): PiplError {
  const [word, of] = field === 'taskTypes' ? ['task type', 'task'] : ['product type', 'product'];
  const names = Object.entries(listed).map(([name, entry]) => `${name} (${entry})`);
  return piplError('invalid', 'PIPL_NO_SUCH_TYPE', {
    what: `${packl} has no ${word} ${written}.`,
    why: `Its package.json lists ${names.join(', ') || `no ${word}`}.`,
    hint: `Use one of these as "type" of the ${of}, or list the type under pipl.${field} of the packl that has it.`,
  });
}

export const notExported = (written: string, packl: string, why: string, cause?: unknown): PiplError =>
  piplError('invalid', 'PIPL_TYPE_NOT_LOADED', {
    what: `${written} of ${packl} cannot be loaded.`,
    why,
    hint: `Mend ${packl}: what pipl.taskTypes and pipl.productTypes list must be exported by the modules in "exports".`,
    cause,
  });

export const unlistedProductType = (name: string, packl: string): PiplError =>
  piplError('invalid', 'PIPL_PRODUCT_TYPE_UNLISTED', {
    what: `The product type ${name} is listed by no packl that ${packl} depends on.`,
    why: 'A product names the packl that declares its type, so the type must be under pipl.productTypes of a package.json.',
    hint: `Add "${name}": "./<module>#${name}" to pipl.productTypes of the packl that defines it, and export the module.`,
  });

export const badParameters = (type: string, problems: readonly string[]): PiplError =>
  piplError('invalid', 'PIPL_PARAMETERS', {
    what: `The parameters do not fit ${type}.`,
    why: problems.join('; '),
    hint: 'Mend "parameters" in the package.json of the task.',
    problems,
  });

export const badArguments = (command: string, problems: readonly string[]): PiplError =>
  piplError('usage', 'PIPL_ARGUMENTS', {
    what: `The command ${command} was not understood.`,
    why: problems.join('; '),
    hint: `pipl commands shows what it takes.`,
    problems,
  });

export const badTemplate = (type: string, problems: readonly string[]): PiplError =>
  piplError('invalid', 'PIPL_TEMPLATE', {
    what: `The steps of ${type} make no Open Job Description template.`,
    why: problems.join('; '),
    hint: 'Mend the steps of the task type, or the parameters that give their points.',
    problems,
  });

export const badRequest = (what: string, why: string): PiplError =>
  piplError('invalid', 'PIPL_STEP_REQUEST', {
    what,
    why,
    hint: 'pipl-step describe <request.json> | promises <type> | run <type> <step> [points…] | check <type> | command <type> <name>',
  });

export const commandFailed = (error: unknown, text: string): PiplError => {
  const packl = error instanceof Error && 'packl' in error ? String(error.packl) : 'the packl';
  return piplError('taskFailed', 'PIPL_COMMAND', {
    what: `A command of ${packl} failed.`,
    why: text,
    hint: `Mend ${packl}; what it printed is above.`,
  });
};
