/** Small templates for tests: only what a test is about is written in the test. */
import { TemplateInvalid } from '../src/index.ts';

/** A job of one step that echoes. `over` replaces top-level fields. */
export const job = (over: Record<string, unknown> = {}) => ({
  specificationVersion: 'jobtemplate-2023-09',
  name: 'Demo',
  steps: [step()],
  ...over,
});

export const step = (over: Record<string, unknown> = {}) => ({
  name: 'Echo',
  script: { actions: { onRun: { command: 'echo' } } },
  ...over,
});

/** The problems of a call that must fail with TemplateInvalid, as `path: message`. */
export function problemsOf(call: () => unknown): string[] {
  try {
    call();
  } catch (error) {
    if (!(error instanceof TemplateInvalid)) throw error;
    return error.problems.map(({ path, message }) => `${path.join('.')}: ${message}`);
  }
  throw new Error('no problem was found');
}
