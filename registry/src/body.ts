/** Reads fields out of a request's JSON, with errors that name them. */
import { piplError } from '@pipl/packl';

export type Body = Readonly<Record<string, unknown>>;

/** @throws PIPL_BODY when it is no object */
export function bodyOf(json: unknown): Body {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Body;
  throw piplError('usage', 'PIPL_BODY', {
    what: 'The body of the request is no JSON object.',
    why: `It is ${json === null ? 'null' : Array.isArray(json) ? 'a list' : `a ${typeof json}`}.`,
    hint: 'Send an object.',
  });
}

/** @throws PIPL_BODY when the field is no text */
export function textIn(body: Body, field: string): string {
  const value = body[field];
  if (typeof value === 'string') return value;
  throw piplError('usage', 'PIPL_BODY', {
    what: `The request has no ${field}.`,
    why: `"${field}" must be text and is ${value === undefined ? 'missing' : `a ${typeof value}`}.`,
    hint: `Send "${field}".`,
  });
}
