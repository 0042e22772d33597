/** What people are asked for: a line of text, a password. Passwords: from stdin when asked for, from a prompt when a person is there, never from an option. */
import { text as allOf } from 'node:stream/consumers';
import { piplError } from '@pipl/packl';

/** @throws PIPL_NO_PASSWORD (exit 2) when nobody can be asked */
export async function readPassword({
  fromStdin,
  of,
}: {
  fromStdin: boolean | undefined;
  of: string;
}): Promise<string> {
  if (fromStdin === true) return (await allOf(process.stdin)).replace(/\r?\n$/, '');
  if (!someoneIsThere()) throw noPassword(of);
  const { isCancel, password } = await import('@clack/prompts');
  const typed = await password({ message: `Password of ${of}` });
  if (isCancel(typed)) throw noPassword(of);
  return typed ?? '';
}

/** Prompts are for people at a terminal. */
export const someoneIsThere = (): boolean =>
  process.stdin.isTTY === true && process.stdout.isTTY === true && !process.env['CI'];

/** @param option how it is given without a prompt @throws PIPL_USAGE (exit 2) when nobody can be asked */
export async function typedText({ ask, option }: { ask: string; option: string }): Promise<string> {
  if (someoneIsThere()) {
    const { isCancel, text } = await import('@clack/prompts');
    const typed = await text({ message: ask });
    if (!isCancel(typed) && typed) return typed;
  }
  throw piplError('usage', 'PIPL_USAGE', {
    what: `An answer is needed: ${ask}`,
    why: 'Nobody is there to be asked for it.',
    hint: `Give it: ${option}`,
  });
}

const noPassword = (of: string) =>
  piplError('usage', 'PIPL_NO_PASSWORD', {
    what: `The password of ${of} is needed.`,
    why: 'Nobody is there to be asked for it.',
    hint: 'Give it on stdin: --password-stdin < FILE',
  });
