/** `openjd run TEMPLATE --help`: the parameters of this very job, then the options of every run. */
import type { JobParameter, JobTemplate } from '@pipl/openjd-model';
import { optionRows } from './help.ts';

export function jobHelp({ name, description, parameterDefinitions = [] }: JobTemplate, path: string): string {
  const parameters =
    parameterDefinitions.length === 0
      ? []
      : [
          'Job Parameters (-p/--job-param PARAM_NAME=VALUE):',
          ...parameterDefinitions.flatMap(parameterLines).map((line) => `  ${line}`),
          '',
        ];
  return [
    `usage: openjd run ${path} [arguments]`,
    '',
    `Job: ${name}`,
    ...(description === undefined ? [] : [description]),
    '',
    ...parameters,
    'Standard Options:',
    ...optionRows('run'),
  ].join('\n');
}

function parameterLines(parameter: JobParameter): string[] {
  const { name, type, description, default: initial } = parameter;
  const isText = type === 'STRING' || type === 'PATH';
  const quoted = (value: string) => (isText ? `'${value}'` : value);
  const isLong = isText && initial !== undefined && initial.includes('\n');
  const shown = isLong ? 'see below' : quoted(initial ?? '');
  const need = initial === undefined ? '[required]' : `[default: ${shown}]`;
  const limits = constraints(parameter, quoted);
  return [
    `${name} (${type}) ${need}${limits.length > 0 ? ` (${limits.join(', ')})` : ''}`,
    ...(description === undefined ? [] : [`    ${description}`]),
    ...(isLong ? ['    Default value:', ...initial.split('\n').map((line) => `      ${line}`)] : []),
  ];
}

function constraints(parameter: JobParameter, quoted: (value: string) => string): string[] {
  const found: string[] = [];
  if ('minValue' in parameter || 'maxValue' in parameter) {
    const { minValue: low, maxValue: high } = parameter;
    if (low !== undefined && high !== undefined) found.push(`range: ${low} to ${high}`);
    else if (low !== undefined) found.push(`minimum: ${low}`);
    else if (high !== undefined) found.push(`maximum: ${high}`);
  }
  if ('minLength' in parameter || 'maxLength' in parameter) {
    const { minLength: low, maxLength: high } = parameter;
    if (low !== undefined && high !== undefined) found.push(`length: ${low} to ${high} characters`);
    else if (low !== undefined) found.push(`minimum length: ${low} characters`);
    else if (high !== undefined) found.push(`maximum length: ${high} characters`);
  }
  if (parameter.allowedValues) found.push(`allowed: ${parameter.allowedValues.map(quoted).join(', ')}`);
  return found;
}
