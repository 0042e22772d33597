/**
 * Exact decimals. Limits and values of FLOAT parameters are compared as written: 0.1 is one tenth.
 */

/** `units` times ten to the power of `-scale`. */
export interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

const written = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;

/** Beyond this a number is not one that a double can hold; comparing it would cost memory for nothing. */
const longest = 1200;

/** Undefined unless the text is a finite decimal number (`1`, `-.5`, `2.50`, `1e9`) in double range. */
export function parseDecimal(text: string): Decimal | undefined {
  const parts = written.exec(text);
  if (!parts || text.length > longest) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  if (whole === '' && fraction === '') return undefined;
  const scale = fraction.length - Number(exponent);
  if (!Number.isFinite(Number(text)) || Math.abs(scale) > longest) return undefined;
  const digits = BigInt(`${whole}${fraction}`) * (scale < 0 ? 10n ** BigInt(-scale) : 1n);
  return { units: sign === '-' ? -digits : digits, scale: Math.max(scale, 0) };
}

/** Less than 0, 0, or more than 0, as `a` is less than, equal to, or more than `b`. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale);
  const difference = a.units * 10n ** BigInt(scale - a.scale) - b.units * 10n ** BigInt(scale - b.scale);
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}

/** Like {@link compareDecimals}, for two texts that are known to be decimals. */
export function compareNumberTexts(a: string, b: string): number {
  const [left, right] = [parseDecimal(a), parseDecimal(b)];
  if (!left || !right) throw new TypeError(`not a decimal number: ${left ? b : a}`);
  return compareDecimals(left, right);
}
