/** Whatever a test has a command print with `--json` must be what its published schema says, no key more. */
import { expect } from 'vitest';
import { outputOf } from '../src/outputs/table.ts';
import { failure, success } from '../src/outputs/words.ts';
import { findCommand } from '../src/program.ts';
import { topics } from '../src/topics.ts';

export function expectAdmitted(args: readonly string[], out: string): void {
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  if (
    !own.includes('--json') ||
    own.some((word) => word in topics || /^(?:-h|--help|--version|-V|help)$/.test(word))
  )
    return;
  for (const line of out.split('\n')) {
    if (line === '' || !line.startsWith('{"ok"')) continue; // a program of the person's own speaks too
    const document = JSON.parse(line) as { ok: boolean };
    const output = document.ok ? outputFor(args) : undefined;
    if (document.ok && output === undefined) continue;
    const schema = output === undefined ? failure : success(output);
    const parsed = schema.safeParse(document);
    expect(
      parsed.error?.issues,
      `what pipl ${args.join(' ')} prints is not what packages/cli/src/outputs says`,
    ).toBe(undefined);
    expect(parsed.data, `packages/cli/src/outputs does not know a key of pipl ${args.join(' ')}`).toEqual(
      document,
    );
  }
}

/** Undefined for a command that has none yet: `reference.test.ts` names those. */
function outputFor(args: readonly string[]) {
  const { path } = findCommand(args);
  return outputOf(path.length === 0 ? 'status' : path.join(' '));
}
