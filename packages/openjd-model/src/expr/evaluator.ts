/** Walks the tree of an expression. With values that are not known yet, the result is their type. */
import { itemsOf } from './compare.ts';
import { ExpressionInvalid, placing } from './expression-invalid.ts';
import type { Span } from './expression-invalid.ts';
import { callFunction } from './library.ts';
import type { Call, Library, Surroundings } from './library.ts';
import { makeList } from './list-values.ts';
import { literalValue } from './literal-values.ts';
import type { Names } from './names.ts';
import { operatorNames } from './no-match.ts';
import type { Expression } from './syntax.ts';
import { dottedName } from './syntax.ts';
import { listOf, typeName, unionOf } from './types.ts';
import type { Type } from './types.ts';
import { elementTypes, knownType, mayBeBool } from './unknown-values.ts';
import { boolean, nothing, sizeOf, typeOf, unresolved } from './values.ts';
import type { Value } from './values.ts';

const binaryNames: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(operatorNames)
    .filter(([name]) => name !== '__neg__' && name !== '__pos__')
    .map(([name, operator]) => [operator, name]),
);

const unaryNames = { '-': '__neg__', '+': '__pos__', not: '__not__' } as const;

export class Evaluator {
  readonly #source: string;
  readonly #library: Library;
  readonly #surroundings: Surroundings;

  constructor(source: string, library: Library, surroundings: Surroundings) {
    this.#source = source;
    this.#library = library;
    this.#surroundings = surroundings;
  }

  evaluate(node: Expression, names: Names): Value {
    switch (node.kind) {
      case 'null':
      case 'bool':
      case 'int':
      case 'float':
      case 'string':
        return this.#at(node, () => this.#keep(literalValue(node)));
      case 'name':
      case 'attribute':
        return this.#attribute(node, names);
      case 'call':
        return this.#call(node, names);
      case 'index':
      case 'slice':
        return this.#subscript(node, names);
      case 'list':
        return this.#list(node, names);
      case 'comprehension':
        return this.#comprehension(node, names);
      case 'unary': {
        const operand = this.evaluate(node.operand, names);
        return this.#run({ name: unaryNames[node.operator], args: [operand] }, node);
      }
      case 'binary': {
        const args = [this.evaluate(node.left, names), this.evaluate(node.right, names)];
        return this.#run({ name: binaryNames[node.operator]!, args }, { ...node, mark: node.operatorAt });
      }
      case 'comparison':
        return this.#comparison(node, names);
      case 'logic':
        return this.#logic(node, names);
      case 'condition':
        return this.#condition(node, names);
    }
  }

  #at<T>(span: Span, work: () => T): T {
    return placing(this.#source, span, work);
  }

  #keep(value: Value): Value {
    this.#surroundings.budget.hold(sizeOf(value));
    return value;
  }

  #drop(value: Value): void {
    this.#surroundings.budget.release(sizeOf(value));
  }

  #run(call: Call, span: Span): Value {
    const result = this.#at(span, () => {
      const value = callFunction(this.#library, call, this.#surroundings);
      this.#surroundings.budget.foresee(sizeOf(value));
      return value;
    });
    for (const argument of call.args) this.#drop(argument);
    return this.#at(span, () => this.#keep(result));
  }

  /** A dotted name is a value as a whole, or as far as one goes; the rest are properties. */
  #attribute(node: Extract<Expression, { kind: 'name' | 'attribute' }>, names: Names): Value {
    const dotted = dottedName(node);
    const found = dotted === undefined ? undefined : names.get(dotted);
    if (found) return this.#at(node, () => this.#keep(found));
    if (node.kind === 'name' || (dotted !== undefined && !names.hasPrefixOf(dotted))) {
      const mark = node.kind === 'attribute' ? node.nameAt : node.start;
      throw new ExpressionInvalid(names.unknown(dotted ?? ''), {
        text: this.#source,
        span: { start: node.start, end: node.end, mark },
      });
    }
    const of = this.evaluate(node.of, names);
    return this.#property(node, of);
  }

  #property(node: Extract<Expression, { kind: 'attribute' }>, of: Value): Value {
    const span = { start: node.start, end: node.end, mark: node.nameAt };
    const name = `__property_${node.name}__`;
    return this.#at(span, () => {
      if (this.#library.has(name)) return this.#run({ name, args: [of], isMethod: true }, span);
      if (this.#library.has(node.name)) {
        throw new ExpressionInvalid(
          `'${node.name}' is a method, not a property. Did you mean ${node.name}()?`,
        );
      }
      throw new ExpressionInvalid(`Cannot access attribute '${node.name}' on ${typeName(knownType(of))}`);
    });
  }

  #call(node: Extract<Expression, { kind: 'call' }>, names: Names): Value {
    const { callee } = node;
    if (callee.kind === 'name') {
      const args = node.args.map((argument) => this.evaluate(argument, names));
      return this.#run({ name: this.#callable(callee.name, node), args }, node);
    }
    if (callee.kind !== 'attribute') {
      return this.#at(node, () => {
        throw new ExpressionInvalid('Only functions and methods can be called');
      });
    }
    const span = { start: node.start, end: node.end, mark: callee.nameAt };
    const receiver = this.evaluate(callee.of, names);
    const args = [receiver, ...node.args.map((argument) => this.evaluate(argument, names))];
    return this.#run({ name: this.#callable(callee.name, span), args, isMethod: true }, span);
  }

  #callable(name: string, span: Span): string {
    return this.#at(span, () => {
      if (name.startsWith('__')) throw new ExpressionInvalid(`Cannot call '${name}' directly`);
      if (!this.#library.has(name) && this.#library.has(`__property_${name}__`)) {
        throw new ExpressionInvalid(
          `'${name}' is a property, not a method. Use .${name} instead of .${name}()`,
        );
      }
      return name;
    });
  }

  #subscript(node: Extract<Expression, { kind: 'index' | 'slice' }>, names: Names): Value {
    const of = this.evaluate(node.of, names);
    const bounds = node.kind === 'index' ? [node.at] : [0, 1, 2].map((index) => node.bounds[index]);
    const args = bounds.map((bound) => (bound ? this.evaluate(bound, names) : this.#keep(nothing)));
    return this.#run(
      { name: '__getitem__', args: [of, ...args], isMethod: true },
      { ...node, mark: node.open },
    );
  }

  #list(node: Extract<Expression, { kind: 'list' }>, names: Names): Value {
    const items = node.items.map((item) => this.evaluate(item, names));
    return this.#at(node, () => this.#collect(items));
  }

  #collect(items: readonly Value[]): Value {
    const list = makeList(items);
    for (const item of items) this.#drop(item);
    return this.#keep(list);
  }

  #comprehension(node: Extract<Expression, { kind: 'comprehension' }>, names: Names): Value {
    const { variable, condition } = node;
    this.#at(node, () => {
      const shadowed = names.shadows(variable);
      if (shadowed !== undefined) throw new ExpressionInvalid(shadowed);
    });
    const source = this.evaluate(node.source, names);
    if (source.is === 'unresolved') return this.#unknownComprehension(node, source.type, names);
    if (source.is !== 'list' && source.is !== 'range_expr') {
      return this.#at(node, () => {
        throw new ExpressionInvalid(`Cannot iterate over ${typeName(typeOf(source))}`);
      });
    }
    const items: Value[] = [];
    for (const item of itemsOf(source)) {
      this.#at(node, () => this.#surroundings.budget.spend(1));
      const inner = names.within(variable, item);
      if (condition && !this.#passes(condition, inner)) continue;
      items.push(this.evaluate(node.item, inner));
    }
    this.#drop(source);
    return this.#at(node, () => this.#collect(items));
  }

  #passes(condition: Expression, names: Names): boolean {
    const value = this.evaluate(condition, names);
    this.#drop(value);
    if (value.is === 'bool') return value.value;
    return this.#at(condition, () => {
      if (value.is === 'unresolved' && mayBeBool(value)) return true;
      throw new ExpressionInvalid(
        `List comprehension filter must be a boolean, got ${typeName(knownType(value))}`,
      );
    });
  }

  #unknownComprehension(
    node: Extract<Expression, { kind: 'comprehension' }>,
    source: Type,
    names: Names,
  ): Value {
    const elements = elementTypes(source);
    return this.#at(node, () => {
      if (elements.length === 0) throw new ExpressionInvalid(`Cannot iterate over ${typeName(source)}`);
      const inner = names.within(node.variable, unresolved(unionOf(elements)));
      if (node.condition) this.#passes(node.condition, inner);
      const item = knownType(this.evaluate(node.item, inner));
      // Only for its errors: what cannot be in a list.
      if (item.is !== 'any' && item.is !== 'union') makeList([unresolved(item)]);
      return unresolved(listOf(item));
    });
  }

  #comparison(node: Extract<Expression, { kind: 'comparison' }>, names: Names): Value {
    let left = this.evaluate(node.first, names);
    let result: Value = boolean(true);
    for (const { operator, operand } of node.rest) {
      const right = this.evaluate(operand, names);
      const name = operator === '==' ? '__eq__' : operator === '!=' ? '__ne__' : binaryNames[operator]!;
      const swaps = operator === 'in' || operator === 'not in';
      const call = { name, args: swaps ? [right, left] : [left, right] };
      const one = this.#at(node, () => callFunction(this.#library, call, this.#surroundings));
      this.#drop(left);
      left = right;
      if (one.is === 'bool' && !one.value) {
        result = one;
        break;
      }
      if (one.is === 'unresolved') result = one;
    }
    this.#drop(left);
    return this.#keep(result);
  }

  /** Only null and false are false. What follows an operand that decides is not evaluated. */
  #logic(node: Extract<Expression, { kind: 'logic' }>, names: Names): Value {
    const possible: Value[] = [];
    for (const [index, operand] of node.operands.entries()) {
      const isLast = index === node.operands.length - 1;
      const value = possible.length > 0 ? this.#attempt(operand, names) : this.evaluate(operand, names);
      if (!value) continue;
      if (value.is === 'unresolved') {
        possible.push(value);
        continue;
      }
      const isFalse = value.is === 'nulltype' || (value.is === 'bool' && !value.value);
      const decides = isFalse === (node.operator === 'and');
      if ((decides || isLast) && possible.length === 0) return value;
      if (decides || isLast) {
        possible.push(value);
        break;
      }
      this.#drop(value);
    }
    return unresolved(unionOf(possible.map(knownType)));
  }

  /** The value, or nothing if it fails: it may never be needed. */
  #attempt(node: Expression, names: Names): Value | undefined {
    try {
      return this.evaluate(node, names);
    } catch (error) {
      if (error instanceof ExpressionInvalid) return undefined;
      throw error;
    }
  }

  #condition(node: Extract<Expression, { kind: 'condition' }>, names: Names): Value {
    const test = this.evaluate(node.test, names);
    this.#drop(test);
    if (test.is === 'bool') return this.evaluate(test.value ? node.yes : node.no, names);
    this.#at(node.test, () => {
      if (test.is === 'unresolved' && mayBeBool(test)) return;
      throw new ExpressionInvalid(`Condition must be a boolean, got ${typeName(knownType(test))}`);
    });
    const no = this.#attempt(node.no, names);
    if (!no) return unresolved(knownType(this.evaluate(node.yes, names)));
    const yes = this.#attempt(node.yes, names);
    return unresolved(unionOf([yes, no].flatMap((value) => (value ? [knownType(value)] : []))));
  }
}
