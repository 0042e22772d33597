/**
 * A regular expression as a small machine, run over text with all its threads at once: the time is the length
 * of the text times the length of the program, whatever the pattern. Earlier alternatives win, as in Perl.
 */
import type { Budget } from '../budget.ts';
import { ExpressionInvalid } from '../expression-invalid.ts';
import { parsePattern } from './parse.ts';
import { isWord, setHas } from './pattern.ts';
import type { Assertion, CharacterSet, Pattern } from './pattern.ts';

type Instruction =
  | { readonly do: 'match' }
  | { readonly do: 'take'; readonly set: CharacterSet }
  | { readonly do: 'assert'; readonly what: Assertion }
  | { readonly do: 'save'; readonly slot: number }
  | { readonly do: 'jump'; to: number }
  /** First one, then the other. */
  | { readonly do: 'split'; first: number; second: number };

const mostInstructions = 20_000;

/** Positions in code points: of the whole match first, then start and end of each group. */
type Slots = readonly (number | undefined)[];

export class Regex {
  readonly groups: number;
  readonly #program: Instruction[] = [];
  /** For each instruction the last turn that came by. */
  #seen: Uint32Array | undefined;
  #turn = 0;

  /** @throws ExpressionInvalid for a pattern that cannot be read, needs to look around, or is too large. */
  constructor(source: string) {
    const { pattern, groups } = parsePattern(source);
    this.groups = groups;
    this.#compile({ is: 'group', of: pattern, index: 0 });
    this.#emit({ do: 'match' });
  }

  #emit<I extends Instruction>(instruction: I): I {
    if (this.#program.length >= mostInstructions) {
      throw new ExpressionInvalid('Invalid regex: the compiled pattern is too large');
    }
    this.#program.push(instruction);
    return instruction;
  }

  #compile(pattern: Pattern): void {
    switch (pattern.is) {
      case 'empty':
        return;
      case 'set':
        this.#emit({ do: 'take', set: pattern.set });
        return;
      case 'assert':
        this.#emit({ do: 'assert', what: pattern.what });
        return;
      case 'sequence':
        for (const part of pattern.parts) this.#compile(part);
        return;
      case 'group':
        this.#emit({ do: 'save', slot: pattern.index * 2 });
        this.#compile(pattern.of);
        this.#emit({ do: 'save', slot: pattern.index * 2 + 1 });
        return;
      case 'choice':
        this.#compileChoice(pattern.options);
        return;
      case 'repeat':
        this.#compileRepeat(pattern);
    }
  }

  #compileChoice(options: readonly Pattern[]): void {
    const ends: { to: number }[] = [];
    for (const [index, option] of options.entries()) {
      if (index === options.length - 1) {
        this.#compile(option);
        break;
      }
      const split = this.#emit({ do: 'split', first: this.#program.length + 1, second: 0 });
      this.#compile(option);
      ends.push(this.#emit({ do: 'jump', to: 0 }));
      split.second = this.#program.length;
    }
    for (const end of ends) end.to = this.#program.length;
  }

  #compileRepeat({ of, least, most, isGreedy }: Extract<Pattern, { is: 'repeat' }>): void {
    for (let count = 0; count < least; count += 1) this.#compile(of);
    const isEndless = most === Infinity;
    const splits: { first: number; second: number }[] = [];
    for (let count = least; count < (isEndless ? least + 1 : most); count += 1) {
      const at = this.#program.length;
      splits.push(this.#emit({ do: 'split', first: at + 1, second: at + 1 }));
      this.#compile(of);
      if (isEndless) this.#emit({ do: 'jump', to: at });
    }
    for (const split of splits) {
      if (isGreedy) split.second = this.#program.length;
      else split.first = this.#program.length;
    }
  }

  /** The first match from a position on; `isAnchored` allows only that position. */
  exec(
    text: readonly string[],
    { from = 0, isAnchored = false }: { from?: number; isAnchored?: boolean },
    budget: Budget,
  ): Slots | undefined {
    let found: Thread | undefined;
    let threads: Thread[] = [];
    for (let at = from; at <= text.length; at += 1) {
      if (!found && (!isAnchored || at === from)) threads.push({ at: 0, saved: undefined });
      if (threads.length === 0) break;
      const live = this.#follow(threads, { text, at, budget });
      threads = [];
      for (const thread of live) {
        const instruction = this.#program[thread.at]!;
        if (instruction.do === 'match') {
          found = thread;
          break;
        }
        const character = text[at];
        if (instruction.do === 'take' && character !== undefined && setHas(instruction.set, character)) {
          threads.push({ at: thread.at + 1, saved: thread.saved });
        }
      }
    }
    return found && slotsOf(found.saved, this.groups);
  }

  /** Threads moved on until each waits for a character, in their order; none twice at one place. */
  #follow(
    threads: readonly Thread[],
    { text, at: position, budget }: { text: readonly string[]; at: number; budget: Budget },
  ): Thread[] {
    const live: Thread[] = [];
    const left = threads.toReversed();
    const seen = (this.#seen ??= new Uint32Array(this.#program.length));
    this.#turn += 1;
    for (let thread = left.pop(); thread; thread = left.pop()) {
      const { at, saved } = thread;
      if (seen[at] === this.#turn) continue;
      seen[at] = this.#turn;
      budget.spend(1);
      const instruction = this.#program[at]!;
      switch (instruction.do) {
        case 'jump':
          left.push({ at: instruction.to, saved });
          break;
        case 'split':
          left.push({ at: instruction.second, saved }, { at: instruction.first, saved });
          break;
        case 'save':
          left.push({ at: at + 1, saved: { slot: instruction.slot, position, before: saved } });
          break;
        case 'assert':
          if (holds(instruction.what, text, position)) left.push({ at: at + 1, saved });
          break;
        default:
          live.push(thread);
      }
    }
    return live;
  }
}

/** Where groups began and ended, the last first: threads share what they have in common. */
interface Saved {
  readonly slot: number;
  readonly position: number;
  readonly before: Saved | undefined;
}

interface Thread {
  readonly at: number;
  readonly saved: Saved | undefined;
}

function slotsOf(last: Saved | undefined, groups: number): Slots {
  const slots: (number | undefined)[] = Array.from({ length: (groups + 1) * 2 });
  for (let saved = last; saved; saved = saved.before) slots[saved.slot] ??= saved.position;
  return slots;
}

function holds(what: Assertion, text: readonly string[], at: number): boolean {
  const [before, after] = [text[at - 1], text[at]];
  switch (what) {
    case 'start':
      return before === undefined;
    case 'end':
      return after === undefined;
    case 'line-start':
      return before === undefined || before === '\n';
    case 'line-end':
      return after === undefined || after === '\n';
    default: {
      const isBoundary = (before !== undefined && isWord(before)) !== (after !== undefined && isWord(after));
      return isBoundary === (what === 'boundary');
    }
  }
}
