/**
 * What a token may do when its owner gave it less than they may themselves: on these indexes, to packls of these
 * names, with these operations. Pure. Limits only take away: what its owner may not do, the token may not either.
 *
 * A request that is none of the operations (users, tokens, indexes, runs) is refused whatever the limits are.
 */
import { indexName, piplError, type IndexName, type PiplError } from '@pipl/packl';
import { tokenOperations, type TokenLimits, type TokenOperation } from '@pipl/registry-client';
import { isLike } from '../reading/allowed-names.ts';

const beyond = (what: string, why: string): PiplError =>
  piplError('denied', 'PIPL_TOKEN_LIMITS', {
    what,
    why,
    hint: 'Use another token, or `pipl login`; `pipl proj token list` shows what each may do.',
  });

const bad = (why: string): PiplError =>
  piplError('usage', 'PIPL_TOKEN_REQUEST', {
    what: 'There is no such token to be had.',
    why,
    hint: `Operations are ${tokenOperations.join(', ')}; packls are names or patterns like @film/*.`,
  });

const isOperation = (text: string): text is TokenOperation =>
  (tokenOperations as readonly string[]).includes(text);

/** @throws PIPL_TOKEN_REQUEST PIPL_INDEX_NAME */
export function checkedLimits(given: {
  indexes?: readonly string[] | undefined;
  packls?: readonly string[] | undefined;
  operations?: readonly string[] | undefined;
}): TokenLimits | undefined {
  const { indexes = [], packls = [], operations = [] } = given;
  const unknown = operations.find((one) => !isOperation(one));
  if (unknown !== undefined) throw bad(`"${unknown}" is no operation.`);
  const odd = packls.find((one) => !/^[@a-z0-9*][\w@/.*~-]*$/.test(one));
  if (odd !== undefined) throw bad(`"${odd}" is neither a name nor a pattern.`);
  if (indexes.length + packls.length + operations.length === 0) return undefined;
  return {
    ...(indexes.length === 0 ? {} : { indexes: indexes.map((index) => indexName(index)) }),
    ...(packls.length === 0 ? {} : { packls }),
    ...(operations.length === 0 ? {} : { operations: operations.filter(isOperation) }),
  };
}

const indexOfPath = (path: string) =>
  /^\/-\/pipl\/v1\/indexes\/([^/]+\/[^/]+)(?:\/|$)/.exec(path)?.[1] ??
  /^\/([^/-][^/]*\/[^/]+)(?:\/|$)/.exec(path)?.[1];

/** Any of which lets a request through; what it says exactly is checked where it is read. */
function operationsOf(method: string, path: string): readonly TokenOperation[] {
  if (method === 'GET' || method === 'HEAD') return ['read'];
  if (/^\/-\/pipl\/v1\/release$/.test(path)) return ['publish'];
  const [, word] =
    /^\/-\/pipl\/v1\/(?:indexes\/[^/]+\/[^/]+\/)?(deprecate|withdraw|promote)$/.exec(path) ?? [];
  if (word !== undefined) return isOperation(word) ? [word] : [];
  if (path.startsWith('/-/')) return [];
  if (/\/-\/package\/.+\/dist-tags\//.test(path)) return ['tag'];
  if (/^\/[^/]+\/[^/]+\/-\//.test(path)) return [];
  if (method === 'DELETE' || path.includes('/-rev/')) return ['withdraw'];
  return method === 'PUT' ? ['publish', 'deprecate'] : [];
}

/**
 * @param asked `path` decoded, from the root of the server
 * @throws PIPL_TOKEN_LIMITS
 */
export function refuseRequest(limits: TokenLimits, asked: { method: string; path: string }): void {
  // Ending itself is what every token may.
  if (asked.method === 'DELETE' && /\/-\/user\/token\/[^/]+$/.test(asked.path)) return;
  const index = indexOfPath(asked.path);
  if (index !== undefined && limits.indexes !== undefined && !limits.indexes.includes(index as IndexName)) {
    throw beyond(`This token may not do anything on ${index}.`, `It is for ${limits.indexes.join(', ')}.`);
  }
  const operations = operationsOf(asked.method, asked.path);
  if (operations.length === 0) {
    throw beyond(
      'This token may not do this.',
      'It has limits; users, tokens and indexes are beyond all of them.',
    );
  }
  if (limits.operations === undefined || operations.some((one) => limits.operations?.includes(one))) return;
  throw notAmong(limits, operations[0] ?? 'read');
}

const notAmong = ({ operations = [] }: TokenLimits, operation: TokenOperation) =>
  beyond(`This token may not ${operation}.`, `It may ${operations.join(', ')}.`);

/** @throws PIPL_TOKEN_LIMITS */
export function refuseOperation(limits: TokenLimits | undefined, operation: TokenOperation): void {
  if (limits?.operations?.includes(operation) === false) throw notAmong(limits, operation);
}

/** @throws PIPL_TOKEN_LIMITS */
export function refuseNames(
  limits: TokenLimits | undefined,
  { index, names }: { index: IndexName; names: readonly string[] },
): void {
  if (limits?.indexes?.includes(index) === false) {
    throw beyond(`This token may not change ${index}.`, `It is for ${limits.indexes.join(', ')}.`);
  }
  const { packls } = limits ?? {};
  if (packls === undefined) return;
  const other = names.find((name) => !packls.some((pattern) => isLike(name, pattern)));
  if (other !== undefined)
    throw beyond(`This token may not change ${other}.`, `It is for ${packls.join(', ')}.`);
}
