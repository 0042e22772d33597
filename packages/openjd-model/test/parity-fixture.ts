/** Templates that differ from a good one in one thing: what a test is about. */
import { TemplateInvalid, decodeJobTemplate } from '../src/index.ts';
import { job, step } from './template-fixture.ts';

export type Template = Record<string, unknown>;

/** What is wrong with it, a line each; empty if nothing is. */
export function faults(template: Template): string {
  try {
    decodeJobTemplate(template);
    return '';
  } catch (error) {
    if (!(error instanceof TemplateInvalid)) throw error;
    return error.problems.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n');
  }
}

export const wide = { extensions: ['FEATURE_BUNDLE_1'] };
export const run = { command: 'x' };
export const onRun = (action: Template, more: Template = {}) =>
  step({ script: { actions: { onRun: { ...run, ...action } }, ...more } });
export const withStep = (over: Template, top: Template = {}) => job({ ...top, steps: [step(over)] });
export const withAction = (action: Template, top: Template = {}) => job({ ...top, steps: [onRun(action)] });
export const withFiles = (...embeddedFiles: Template[]) => job({ steps: [onRun({}, { embeddedFiles })] });
export const text = (fields: Template) => ({ name: 'F', type: 'TEXT', data: 'x', ...fields });
export const parameter = (fields: Template, top: Template = {}) =>
  job({ ...top, parameterDefinitions: [{ name: 'P', type: 'STRING', ...fields }] });
export const task = (fields: Template, top: Template = {}) =>
  withStep({ parameterSpace: { taskParameterDefinitions: [{ name: 'T', ...fields }] } }, top);
export const combined = (combination: string) => {
  const taskParameterDefinitions = ['A', 'B', 'C', 'D'].map((name) => ({ name, type: 'INT', range: [1, 2] }));
  return withStep({ parameterSpace: { taskParameterDefinitions, combination } });
};
export const hosts = (fields: Template, top: Template = {}) => withStep({ hostRequirements: fields }, top);
export const amount = (fields: Template, top: Template = {}) =>
  hosts({ amounts: [{ name: 'amount.worker.vcpu', ...fields }] }, top);
export const attribute = (fields: Template) =>
  hosts({ attributes: [{ name: 'attr.worker.os.family', ...fields }] });
export const environment = (fields: Template, top: Template = {}) =>
  job({ ...top, jobEnvironments: [{ name: 'E', ...fields }] });
export const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
export const definitions = (count: number) => many(count, (at) => ({ name: `P${at}`, type: 'INT' }));
