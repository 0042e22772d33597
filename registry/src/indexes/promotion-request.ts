/** Reads a request to promote. */
import { indexName, packlName, piplError } from '@pipl/packl';
import type { PromoteRequest } from '@pipl/registry-client';
import { bodyOf, textIn, type Body } from '../body.ts';

const most = 1000;

/** @throws PIPL_BODY PIPL_PACKL_NAME PIPL_INDEX_NAME */
export function promotionIn(given: Body): PromoteRequest {
  const list = given['packls'];
  if (!Array.isArray(list) || list.length === 0 || list.length > most) {
    throw piplError('usage', 'PIPL_BODY', {
      what: 'The request names nothing to promote.',
      why: `"packls" must be a list of 1 to ${most}.`,
      hint: 'Send {"packls": [{"name": …, "version": …}]}.',
    });
  }
  return {
    ...(given['dryRun'] === true ? { dryRun: true } : {}),
    packls: list.map((one: unknown) => {
      const packl = bodyOf(one);
      return {
        name: packlName(textIn(packl, 'name')),
        version: textIn(packl, 'version'),
        ...(packl['from'] === undefined ? {} : { from: indexName(textIn(packl, 'from')) }),
        ...(packl['integrity'] === undefined ? {} : { integrity: textIn(packl, 'integrity') }),
      };
    }),
  };
}
