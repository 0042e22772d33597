/** Passwords: from stdin when asked for, from a prompt when a person is there, never from an option. */
import { text } from 'node:stream/consumers';
import { piplError } from '@pipl/packl';

/** @throws PIPL_NO_PASSWORD (exit 2) when nobody can be asked */
export async function readPassword({
  fromStdin,
  of,
}: {
  fromStdin: boolean | undefined;
  of: string;
}): Promise<string> {
  if (fromStdin === true) return (await text(process.stdin)).replace(/\r?\n$/, '');
  if (!process.stdin.isTTY || !process.stdout.isTTY || process.env['CI']) throw noPassword(of);
  const { isCancel, password } = await import('@clack/prompts');
  const typed = await password({ message: `Password of ${of}` });
  if (isCancel(typed)) throw noPassword(of);
  return typed ?? '';
}

const noPassword = (of: string) =>
  piplError('usage', 'PIPL_NO_PASSWORD', {
    what: `The password of ${of} is needed.`,
    why: 'Nobody is there to be asked for it.',
    hint: 'Give it on stdin: --password-stdin < FILE',
  });
