/** FEATURE_BUNDLE_1: writes out what `bash: { script: … }` is short for: an embedded file and who runs it. */
import { interpreters } from './template-types.ts';
import type { ActionTemplate, Interpreter, StepScriptTemplate, StepTemplate } from './template-types.ts';

interface Convention {
  readonly extension: string;
  readonly command: string;
  readonly before: readonly string[];
}

const conventions: Readonly<Record<Interpreter, Convention>> = {
  bash: { extension: 'sh', command: 'bash', before: [] },
  python: { extension: 'py', command: 'python', before: [] },
  cmd: { extension: 'bat', command: 'cmd', before: ['/C'] },
  powershell: { extension: 'ps1', command: 'powershell', before: ['-File'] },
  node: { extension: 'js', command: 'node', before: [] },
};

/** The file is the only one of its script, so its name need only be readable. */
function fileNameFor(stepName: string): string {
  const readable = stepName.replace(/[^A-Za-z0-9_]+/g, '_').slice(0, 40);
  return /^[A-Za-z_]/.test(readable) ? readable : `_${readable}`;
}

/** Undefined unless the step has a simple action. */
export function scriptOfSimpleAction(step: StepTemplate): { script: StepScriptTemplate } | undefined {
  const interpreter = interpreters.find((one) => step[one] !== undefined);
  const simple = interpreter && step[interpreter];
  if (!simple) return undefined;
  const { let: bindings, script: data, args = [], ...rest } = simple;
  const { extension, command, before } = conventions[interpreter];
  const name = fileNameFor(step.name);
  const onRun: ActionTemplate = { command, args: [...before, `{{Task.File.${name}}}`, ...args], ...rest };
  const file = { name, type: 'TEXT', filename: `${name}.${extension}`, runnable: true, data } as const;
  return { script: { ...(bindings && { let: bindings }), actions: { onRun }, embeddedFiles: [file] } };
}
