/** What every conformance case is, whichever layout it was found in. */
export interface Case {
  /** What kind of thing is asked: `job_templates`, `jobs`, `expressions`, … */
  readonly category: string;
  /** `base`, or the extension the case is about. */
  readonly extension: string;
  /** Its file inside the data, and what else tells it from others. */
  readonly name: string;
  /** It starts processes. */
  readonly isSlow?: true;
  run(): Verdict | Promise<Verdict>;
}

export type Verdict =
  | { readonly is: 'passed' }
  | { readonly is: 'failed'; readonly expected: string; readonly got: string }
  /** It is about another operating system. */
  | { readonly is: 'elsewhere' };

export const passed: Verdict = { is: 'passed' };

export const failed = (expected: string, got: string): Verdict => ({ is: 'failed', expected, got });

/** The error of a call, or nothing. @throws what was not thrown on purpose: it has no code of ours */
export function errorOf(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    const onPurpose = error instanceof Error && 'code' in error && String(error.code).startsWith('OPENJD_');
    if (!onPurpose) throw error;
    return error.message;
  }
}
