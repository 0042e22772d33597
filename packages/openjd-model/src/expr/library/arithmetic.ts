/** Operators on numbers, as Python computes them: floored division, exact remainders, 64-bit integers. */
import { intOf, numberOf } from '../arguments.ts';
import { ExpressionInvalid, overflow } from '../expression-invalid.ts';
import type { Definition } from '../library.ts';
import { floorDivide } from '../python-float.ts';
import { float, integer } from '../values.ts';
import type { Value } from '../values.ts';

type Both<T> = (left: T, right: T) => Value;

const onIntegers =
  (operate: Both<bigint>) =>
  ([left, right]: readonly Value[]): Value =>
    operate(intOf(left), intOf(right));

const onFloats =
  (operate: Both<number>) =>
  ([left, right]: readonly Value[]): Value =>
    operate(numberOf(left), numberOf(right));

function divideFloats(left: number, right: number): Value {
  if (right === 0) throw new ExpressionInvalid('Division by zero');
  return float(left / right);
}

/** The remainder has the sign of the divisor. */
function modulo(left: number, right: number): number {
  if (right === 0) throw new ExpressionInvalid('Modulo by zero');
  const remainder = left % right;
  return remainder !== 0 && remainder < 0 !== right < 0 ? remainder + right : remainder;
}

/** From the exact remainder: the rounded quotient may already be one too many. */
function floorFloats(left: number, right: number): Value {
  if (right === 0) throw new ExpressionInvalid('Division by zero');
  const quotient = (left - modulo(left, right)) / right;
  const floor = Math.floor(quotient);
  const whole = quotient - floor > 0.5 ? floor + 1 : floor;
  if (!Number.isFinite(whole)) throw overflow();
  return integer(whole);
}

function powerOfIntegers(base: bigint, exponent: bigint): Value {
  if (exponent < 0n) return powerOfFloats(Number(base), Number(exponent));
  if (base === 0n || base === 1n) return integer(exponent === 0n ? 1n : base);
  if (base === -1n) return integer(exponent % 2n === 0n ? 1n : -1n);
  if (exponent > 64n) throw overflow();
  return integer(base ** exponent);
}

function powerOfFloats(base: number, exponent: number): Value {
  if (base === 0 && exponent < 0) throw new ExpressionInvalid('Cannot raise zero to a negative power');
  if (base < 0 && !Number.isInteger(exponent)) {
    throw new ExpressionInvalid(`Cannot compute ${base} ** ${exponent} (would produce complex number)`);
  }
  const result = base ** exponent;
  if (Number.isFinite(result)) return float(result);
  throw new ExpressionInvalid(`Overflow computing ${base} ** ${exponent} (result too large for float)`);
}

function floorIntegers(left: bigint, right: bigint): Value {
  if (right === 0n) throw new ExpressionInvalid('Division by zero');
  return integer(floorDivide(left, right));
}

function moduloOfIntegers(left: bigint, right: bigint): Value {
  if (right === 0n) throw new ExpressionInvalid('Modulo by zero');
  return integer(left - floorDivide(left, right) * right);
}

export const arithmetic: readonly Definition[] = [
  ['__add__', '(int, int) -> int', onIntegers((left, right) => integer(left + right))],
  ['__sub__', '(int, int) -> int', onIntegers((left, right) => integer(left - right))],
  ['__mul__', '(int, int) -> int', onIntegers((left, right) => integer(left * right))],
  ['__truediv__', '(int, int) -> float', onFloats(divideFloats)],
  ['__floordiv__', '(int, int) -> int', onIntegers(floorIntegers)],
  ['__mod__', '(int, int) -> int', onIntegers(moduloOfIntegers)],
  ['__pow__', '(int, int) -> float | int', onIntegers(powerOfIntegers)],
  ['__neg__', '(int) -> int', ([value]) => integer(-intOf(value))],
  ['__pos__', '(int) -> int', ([value]) => integer(intOf(value))],
  ['__add__', '(float, float) -> float', onFloats((left, right) => float(left + right))],
  ['__sub__', '(float, float) -> float', onFloats((left, right) => float(left - right))],
  ['__mul__', '(float, float) -> float', onFloats((left, right) => float(left * right))],
  ['__truediv__', '(float, float) -> float', onFloats(divideFloats)],
  ['__floordiv__', '(float, float) -> int', onFloats(floorFloats)],
  ['__mod__', '(float, float) -> float', onFloats((left, right) => float(modulo(left, right)))],
  ['__pow__', '(float, float) -> float', onFloats(powerOfFloats)],
  ['__neg__', '(float) -> float', ([value]) => float(-numberOf(value))],
  ['__pos__', '(float) -> float', ([value]) => float(numberOf(value))],
];
