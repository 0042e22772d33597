/** How a server that ended tells why. */
import { expect, test } from 'vitest';
import { piplError } from '@pipl/packl';
import { serverRefusal } from '../src/server-command.ts';

test('a server that stopped because of a bug says where it comes from, to who asks with --debug', () => {
  const told = piplError('usage', 'PIPL_SERVER_BUG', {
    what: 'The server stopped.',
    why: 'x is not a function',
  });
  const stack = 'TypeError: x is not a function\n    at serve (serve.ts:1:2)';
  const error = serverRefusal({ status: 1, signal: null, stderr: `${stack}\n${JSON.stringify(told)}\n` });
  expect(error).toMatchObject({ code: 'PIPL_SERVER_BUG', why: 'x is not a function', cause: { stack } });
});
