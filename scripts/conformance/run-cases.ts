/** Runs cases, those that start processes two at a time, and counts. */
import { failed, type Case, type Verdict } from './case.ts';
import { exceptions } from './exceptions.ts';

export interface Row {
  readonly category: string;
  readonly extension: string;
  passed: number;
  failed: number;
  excepted: number;
  /** About another operating system. */
  elsewhere: number;
}

const atOnce = 2;

/** @param say hears of every failure and exception */
export async function runCases(
  cases: readonly Case[],
  say: (text: string) => void,
): Promise<{ readonly rows: readonly Row[]; readonly failures: number }> {
  const rows = new Map<string, Row>();
  const count = (one: Case, verdict: Verdict) => {
    const { category, extension, name } = one;
    const key = `${category} ${extension}`;
    const row = rows.get(key) ?? { category, extension, passed: 0, failed: 0, excepted: 0, elsewhere: 0 };
    rows.set(key, row);
    const final = withException(`${category}: ${name}`, verdict);
    row[final.is] += 1;
    if (final.is === 'excepted') say(`EXCEPTED ${category}: ${name}\n  ${final.reason}`);
    if (final.is !== 'failed') return;
    say(
      `FAILED ${category}: ${name}\n  expected: ${indented(final.expected)}\n  got: ${indented(final.got)}`,
    );
  };
  const waiting = cases.toSorted((a, b) => Number(a.isSlow ?? false) - Number(b.isSlow ?? false));
  const work = async () => {
    for (let one = waiting.shift(); one; one = waiting.shift()) count(one, await verdictOf(one));
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const sorted = [...rows.values()].toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  return { rows: sorted, failures: sorted.reduce((total, row) => total + row.failed, 0) };
}

const key = ({ category, extension }: Row): string => `${category} ${extension}`;
const indented = (text: string): string => text.slice(0, 4000).replaceAll('\n', '\n    ');

type Final = Verdict | { readonly is: 'excepted'; readonly reason: string };

function withException(name: string, verdict: Verdict): Final {
  const reason = Object.hasOwn(exceptions, name) ? exceptions[name] : undefined;
  if (reason === undefined) return verdict;
  if (verdict.is === 'failed') return { is: 'excepted', reason };
  return failed(`an exception: ${reason}`, `it ${verdict.is}: the exception is no longer true`);
}

/** What was not thrown on purpose is a failure of ours, and no reason to stop. */
async function verdictOf(one: Case): Promise<Verdict> {
  try {
    return await one.run();
  } catch (error) {
    return failed('no crash', error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}
