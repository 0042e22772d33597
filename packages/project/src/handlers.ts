/** Handlers of a project as its owner sees to them, and what they make of people's verdicts. */
import { setTimeout as pause } from 'node:timers/promises';
import { Handler, piplError, problemsIn, type IndexName } from '@pipl/packl';
import type { HandlerView, HandlingState, HandlingView, RegistryClient } from '@pipl/registry-client';
import { exactVersion, type Judged } from './promotion.ts';

/** @throws PIPL_HANDLER_INVALID (exit 7) with every problem, before anybody is asked */
export function handlerFrom(given: object): Handler {
  const parsed = Handler.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = problemsIn(parsed.error, 'the handler');
  throw piplError('invalid', 'PIPL_HANDLER_INVALID', {
    what: 'This is no handler that pipl can follow.',
    why: problems.join('; '),
    hint: '`pipl proj handler add --help` has examples.',
    problems,
  });
}

export interface AddedHandler {
  readonly handler: HandlerView;
  /** `qa@alice/stage`, when `promoteTo` was told to let it promote just now */
  readonly granted?: string;
  /** it works only when the server was started again */
  readonly restart: boolean;
}

/** Declares it, and lets it promote where it is to: whoever may say the one may say the other. */
export async function addHandler(
  client: RegistryClient,
  index: IndexName,
  handler: Handler,
): Promise<AddedHandler> {
  const added = await client.addHandler(index, handler);
  const { name, promoteTo } = added.handler;
  if (promoteTo === undefined || added.handler.granted === true) return added;
  const target = (await client.indexes()).find((one) => one.name === promoteTo);
  const grants = [...(target?.handlers ?? []), { handler: name, from: index }];
  await client.setIndex(promoteTo, { handlers: grants });
  return { ...added, handler: { ...added.handler, granted: true }, granted: `${name}@${index}` };
}

export interface RemovedHandler {
  readonly index: IndexName;
  readonly name: string;
  /** indexes that let it promote until now */
  readonly revoked: readonly IndexName[];
  readonly restart: boolean;
}

/** Takes its grants away with it: a handler of that name that comes later must be granted anew. */
export async function removeHandler(
  client: RegistryClient,
  index: IndexName,
  name: string,
): Promise<RemovedHandler> {
  const { restart } = await client.removeHandler(index, name);
  const revoked: IndexName[] = [];
  for (const view of await client.indexes()) {
    const others = (view.handlers ?? []).filter((one) => one.handler !== name || one.from !== index);
    if (others.length === (view.handlers ?? []).length) continue;
    await client.setIndex(view.name, { handlers: others.length === 0 ? null : others });
    revoked.push(view.name);
  }
  return { index, name, revoked, restart };
}

const underWay: readonly HandlingState[] = ['running', 'judging', 'promoting'];

/** Asks until it has come to rest. @param onLook hears what it is at */
export async function followHandling(
  client: RegistryClient,
  id: string,
  { signal, onLook = () => undefined }: { signal?: AbortSignal; onLook?: (seen: HandlingView) => void } = {},
): Promise<HandlingView> {
  for (;;) {
    const seen = await client.handling(id);
    onLook(seen);
    if (!underWay.includes(seen.state)) return seen;
    await pause(250, undefined, signal === undefined ? {} : { signal });
  }
}

/** Runs a handler on a version and waits for what it finds. Nothing is judged, nothing promoted. */
export async function testHandler(
  client: RegistryClient,
  asked: { readonly index: IndexName; readonly handler: string; readonly spec: string },
  more: Parameters<typeof followHandling>[2] = {},
): Promise<HandlingView> {
  const { handler, index, spec } = asked;
  const { id } = await client.testHandler(index, { handler, ...exactVersion(spec) });
  return followHandling(client, id, more);
}

const patience = 10_000;

/**
 * Where a handler waits for the verdict that was just given: what it does then.
 * @returns undefined when no handler waits for this version, or it takes longer than one likes to wait
 */
export async function afterVerdict(
  client: RegistryClient,
  { name, version, gates }: Pick<Judged, 'name' | 'version' | 'gates'>,
): Promise<HandlingView | undefined> {
  const open = Object.entries(gates).flatMap(([index, gate]) => (gate.open ? [index] : []));
  const until = Date.now() + patience;
  while (open.length > 0 && Date.now() < until) {
    const seen = await client.handlings({ name, version, limit: 20 });
    const [mine] = seen.filter(
      ({ promoteTo, trial }) => promoteTo !== undefined && open.includes(promoteTo) && trial !== true,
    );
    if (mine === undefined || mine.state === 'running' || mine.state === 'judging') return mine;
    if (mine.state !== 'held' && mine.state !== 'promoting') return mine;
    await pause(100);
  }
  return undefined;
}
