/**
 * What handlers ask of the registry, for whoever published the version: a verdict is told, a version promoted.
 *
 * What it refuses is an answer, to be decided upon; what it cannot do now is thrown: it ends this turn, and the next
 * one asks again. Asking twice does no harm: who promotes what is there already is told so, and a verdict that was
 * told is seen in the feed first.
 */
import { PiplError } from '@pipl/packl';
import type { Principal, Registry } from '@pipl/registry';
import type { HandlerEffect, HandlerInput, Handling } from './types.ts';

type Without<Input, Key extends string> = Input extends unknown ? Omit<Input, Key> : never;
/** As an input, but for the time. */
export type Answer = Without<Extract<HandlerInput, { id: string }>, 'at'>;

/** @returns undefined when it was told: the feed says so */
export async function tell(
  registry: Registry,
  { handling, verdict: { check, result, message, run } }: HandlerEffect & { readonly do: 'judge' },
): Promise<Answer | undefined> {
  const { id, handler, index, change } = handling;
  const { name, version, integrity } = change;
  const of = run === undefined ? {} : { run };
  const judgement = {
    index,
    name,
    version,
    verdict: { kind: 'check', check, result, handler, ...of } as const,
    ...(integrity === undefined ? {} : { integrity }),
    ...(message === undefined ? {} : { message }),
  };
  const refused = await refusal(registry.judge(judgement, actingFor(handling)));
  return 'value' in refused ? undefined : { is: 'not-told', id, code: refused.code, reason: refused.reason };
}

export async function promote(
  registry: Registry,
  { handling, into }: HandlerEffect & { readonly do: 'promote' },
): Promise<Answer> {
  const { id, handler, index: from, change } = handling;
  const { name, version, integrity } = change;
  const packls = [{ name, version, from, ...(integrity === undefined ? {} : { integrity }) }];
  const answer = await refusal(registry.promote({ into, packls, handler }, actingFor(handling)));
  if ('value' in answer) {
    const { promoted, seq } = answer.value;
    return { is: 'promoted', id, seq: promoted[0]?.seq ?? seq };
  }
  const { code, reason, problems } = answer;
  return code === 'PIPL_GATE_CLOSED'
    ? { is: 'gate-closed', id, missing: problems }
    : { is: 'not-promoted', id, code, reason };
}

interface Refused {
  readonly code: string;
  readonly reason: string;
  readonly problems: readonly string[];
}

async function refusal<Value>(asked: Promise<Value>): Promise<Refused | { readonly value: Value }> {
  try {
    return { value: await asked };
  } catch (error) {
    if (!(error instanceof PiplError) || error.retryable) throw error;
    const { code, message, why, problems = [] } = error;
    return { code, reason: why === undefined ? message : `${message} ${why}`, problems };
  }
}

/** For whoever published it; for the owner of the index where a run did. */
function actingFor({ index, change: { by } }: Handling): Principal {
  const isRun = by.startsWith('run:');
  return { is: 'user', name: isRun ? index.slice(0, index.indexOf('/')) : by };
}
