/** Answers of a pure function to texts that come again and again. */

const most = 1_000;

/** Forgets everything when it is asked about too many: strangers choose what they send. */
export function remembered<T>(of: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const kept = known.get(text);
    if (kept !== undefined) return kept;
    const answer = of(text);
    if (known.size >= most) known.clear();
    known.set(text, answer);
    return answer;
  };
}
