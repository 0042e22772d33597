/** What people are asked for: a line of text, a password. Passwords: from stdin when asked for, from a prompt when a person is there, never from an option. */
import { text as allOf } from 'node:stream/consumers';
import { piplError } from '@pipl/packl';
import type { Terminal } from './terminal.ts';

type Asking = Pick<Terminal, 'noInput'>;

/** @throws PIPL_NO_PASSWORD (exit 2) when nobody can be asked */
export async function readPassword({
  fromStdin,
  of,
  terminal,
}: {
  fromStdin: boolean | undefined;
  of: string;
  terminal: Asking;
}): Promise<string> {
  if (fromStdin === true) return (await allOf(process.stdin)).replace(/\r?\n$/, '');
  if (!someoneIsThere(terminal)) throw noPassword(of, terminal);
  const { isCancel, password } = await import('@clack/prompts');
  const typed = await password({ message: `Password of ${of}` });
  if (isCancel(typed)) throw noPassword(of, terminal);
  return typed ?? '';
}

/** Prompts are for people at a terminal. */
export const someoneIsThere = ({ noInput }: Asking): boolean =>
  noInput !== true && process.stdin.isTTY === true && process.stdout.isTTY === true && !process.env['CI'];

/** @param option how it is given without a prompt @throws PIPL_USAGE (exit 2) when nobody can be asked */
export async function typedText({
  ask,
  option,
  terminal,
}: {
  ask: string;
  option: string;
  terminal: Asking;
}): Promise<string> {
  if (someoneIsThere(terminal)) {
    const { isCancel, text } = await import('@clack/prompts');
    const typed = await text({ message: ask });
    if (!isCancel(typed) && typed) return typed;
  }
  throw piplError('usage', 'PIPL_USAGE', {
    what: `An answer is needed: ${ask}`,
    why: unasked(terminal),
    hint: `Give it: ${option}`,
  });
}

const unasked = ({ noInput }: Asking): string =>
  noInput === true ? 'With --no-input nobody is asked for it.' : 'Nobody is there to be asked for it.';

const noPassword = (of: string, terminal: Asking) =>
  piplError('usage', 'PIPL_NO_PASSWORD', {
    what: `The password of ${of} is needed.`,
    why: unasked(terminal),
    hint: 'Give it on stdin: --password-stdin < FILE',
  });
