/**
 * Schedules that nobody thought of: publishes, withdrawals, approvals, runs that end in any way, hints that come
 * twice, and crashes between a commit and what follows from it. Whatever happens, when it is quiet every handling has
 * come to rest, every verdict was told once, and nothing is promoted that did not pass, or before its gate was open.
 */
import { expect, test } from 'vitest';
import type { Change, RunState } from '@pipl/packl';
import { Dice } from '../../../scripts/dice.ts';
import { decideHandlers } from '../../src/handlers/decide.ts';
import { applyHandlers, handlerCursor, loadHandlers } from '../../src/handlers/state.ts';
import {
  isOver,
  type HandlerEffect,
  type HandlerInput,
  type HandlerState,
} from '../../src/handlers/types.ts';
import { at, change, failed, passed, planOf, proj, qa, report } from './scene.ts';

/** A feed, a gate and an engine as simple as they can be, around the real decision. */
class World {
  readonly #dice: Dice;
  readonly feed: Change[] = [];
  readonly engine = new Map<string, RunState['is']>();
  readonly approved = new Set<string>();
  state: HandlerState = loadHandlers([]);
  /** of the server: what a dead one had in mind is not done */
  #life = 0;
  #hints: string[] = [];
  #calm = false;

  constructor(seed: number) {
    this.#dice = new Dice(seed);
    this.#take({ is: 'declared', handlers: [qa], head: 0, at });
  }

  append(more: Partial<Change>): number {
    const seq = this.feed.length + 1;
    this.feed.push(change(seq, more));
    return seq;
  }

  #read(): void {
    const life = this.#life;
    for (const next of this.feed.slice(handlerCursor(this.state))) {
      if (life !== this.#life) return;
      const key = `k${next.seq}`;
      const plans =
        next.op === 'publish' ? [planOf(qa, key, ...(next.seq % 3 === 0 ? [`${key}d`] : []))] : [];
      this.#take({ is: 'change', change: next, plans, at });
    }
  }

  /** The server dies after any commit, before any of what follows from it, and starts again. */
  #take(input: HandlerInput): void {
    const { writes, effects } = decideHandlers(this.state, input);
    this.state = applyHandlers(this.state, writes);
    const life = this.#life;
    for (const effect of effects) {
      if (life !== this.#life) return;
      if (!this.#calm && this.#dice.chance(0.1)) return this.#restart();
      this.#perform(effect);
    }
  }

  #restart(): void {
    const rows = Object.entries(this.state.records).flatMap(([table, map]) =>
      [...(map as ReadonlyMap<string, unknown>)].map(([key, value]) => ({ table, key, value })),
    );
    this.state = loadHandlers(structuredClone(rows));
    const life = (this.#life += 1);
    this.#read();
    if (life !== this.#life) return;
    const attempts = [...this.state.records.handler_runs.values()]
      .filter(({ state }) => state === 'waiting' || state === 'running' || state === 'canceled')
      .map(({ attempt }) => [attempt, { end: this.#observe(attempt), ...this.#report(attempt) }] as const);
    this.#take({ is: 'started', attempts: Object.fromEntries(attempts), at });
  }

  #observe(attempt: string): RunState {
    return { is: this.engine.get(attempt) ?? 'unknown', reason: 'it broke' } as RunState;
  }

  #report(attempt: string) {
    const is = this.engine.get(attempt);
    if (is === 'succeeded') return report(passed('frames'));
    return is === 'failed' ? report(failed('frames')) : {};
  }

  #perform(effect: HandlerEffect): void {
    switch (effect.do) {
      case 'submit':
        if (!this.engine.has(effect.ticket.attempt)) this.engine.set(effect.ticket.attempt, 'waiting');
        return;
      case 'cancel': {
        const is = this.engine.get(effect.attempt);
        if (is === 'waiting' || is === 'running') this.engine.set(effect.attempt, 'canceled');
        return;
      }
      case 'judge': {
        const { check, result, run } = effect.verdict;
        const { version } = effect.handling.change;
        const verdict = {
          kind: 'check',
          check,
          result,
          handler: 'qa',
          ...(run === undefined ? {} : { run }),
        } as const;
        this.append({ op: 'verdict', version, verdict });
        return;
      }
      case 'promote':
        return this.#promote(effect.handling.id, effect.handling.change.version);
      case 'wake':
      case 'revoke':
        return;
    }
  }

  #promote(id: string, version: string): void {
    const there = this.feed.find((one) => one.op === 'promote' && one.version === version);
    const gone = this.feed.some((one) => one.op === 'withdraw' && one.version === version);
    if (gone && there === undefined) {
      return this.#take({ is: 'not-promoted', id, code: 'PIPL_NO_VERSION', reason: 'gone', at });
    }
    if (!this.approved.has(version)) return this.#take({ is: 'gate-closed', id, missing: ['approval'], at });
    const seq = there?.seq ?? this.append({ op: 'promote', index: proj, version });
    this.#take({ is: 'promoted', id, seq, at });
  }

  step(): void {
    const dice = this.#dice;
    const busy = [...this.engine]
      .filter(([, is]) => is === 'waiting' || is === 'running')
      .map(([attempt]) => attempt);
    const some = dice.pick(busy);
    switch (dice.below(8)) {
      case 0:
        return this.#read();
      case 1:
        if (some !== undefined)
          this.engine.set(some, dice.pick(['running', 'succeeded', 'failed', 'lost', 'lost']));
        if (some !== undefined) this.#hints.push(some, some);
        return;
      case 2:
        return this.#hint(dice.chance(0.8));
      case 3:
        return void this.append({ op: 'publish', version: `1.0.${this.feed.length}` });
      case 4:
      case 5:
      case 6: {
        const any = dice.pick(this.feed.filter(({ op }) => op === 'publish'));
        if (any === undefined) return;
        if (dice.chance(0.05)) return void this.append({ op: 'withdraw', version: any.version });
        this.approved.add(any.version);
        return void this.append({
          op: 'verdict',
          version: any.version,
          verdict: { kind: 'approval', result: 'approved' },
        });
      }
      default:
        return dice.chance(0.3) ? this.#restart() : undefined;
    }
  }

  #hint(isGone: boolean): void {
    const attempt = isGone ? this.#hints.shift() : this.#hints[0];
    if (attempt === undefined) return;
    const end = this.#observe(attempt);
    if (end.is === 'running') this.#take({ is: 'run-started', attempt, at });
    else this.#take({ is: 'run-ended', attempt, end, at, ...this.#report(attempt) });
  }

  /** Nothing dies any more, and every run ends. */
  settle(): void {
    this.#calm = true;
    this.#restart();
    for (let round = 0; round < 12; round += 1) {
      for (const [attempt, is] of this.engine)
        if (is === 'waiting' || is === 'running') this.engine.set(attempt, 'succeeded');
      for (const { attempt, state } of this.state.records.handler_runs.values()) {
        if (state !== 'waiting' && state !== 'running') continue;
        this.#take({ is: 'run-ended', attempt, end: this.#observe(attempt), at, ...this.#report(attempt) });
      }
      this.#read();
      this.#take({ is: 'tick', at: `2026-01-0${1 + (round % 9)}T01:00:00.000Z` });
    }
  }
}

const problemsOf = ({ state, feed, approved }: World): string[] => {
  const problems: string[] = [];
  for (const handling of state.records.handlings.values()) {
    const { id, stands, change: of } = handling;
    if (!isOver(handling) && stands.is !== 'held') problems.push(`${id} is ${stands.is}`);
    const told = feed.filter(
      ({ op, version, verdict }) => op === 'verdict' && version === of.version && verdict?.kind === 'check',
    );
    const names = told.map(({ verdict }) =>
      verdict?.kind === 'check' ? `${verdict.check} ${verdict.run}` : '',
    );
    if (new Set(names).size < names.length) problems.push(`${id} told ${names.join(', ')}`);
    const isKnown = stands.is === 'promoted' || stands.is === 'failed' || stands.is === 'held';
    if (isKnown && names.length === 0) problems.push(`${id} is ${stands.is} and nothing was told`);
    const promoted = feed.filter(({ op, version }) => op === 'promote' && version === of.version);
    const isGood = told.some(
      ({ verdict }) => verdict?.kind === 'check' && verdict.check === 'qa' && verdict.result === 'passed',
    );
    if (promoted.length > 1) problems.push(`${id} was promoted ${promoted.length} times`);
    if (promoted.length > 0 && (!isGood || !approved.has(of.version)))
      problems.push(`${id} was promoted too early`);
    if (stands.is === 'held' && approved.has(of.version))
      problems.push(`${id} is held although it is approved`);
  }
  return problems;
};

test('200 schedules with crashes: told once, promoted once, only when it may be, and everything comes to rest', () => {
  let handlings = 0;
  let promoted = 0;
  for (let seed = 1; seed <= 200; seed += 1) {
    const world = new World(seed);
    for (let step = 0; step < 120; step += 1) world.step();
    world.settle();
    expect([seed, problemsOf(world)]).toEqual([seed, []]);
    handlings += world.state.records.handlings.size;
    promoted += world.feed.filter(({ op }) => op === 'promote').length;
  }
  // It is no explorer that never gets anywhere.
  expect(handlings).toBeGreaterThan(1_500);
  expect(promoted).toBeGreaterThan(60);
});
