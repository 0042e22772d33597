/** Floats as Python prints and rounds them: the shortest text that reads back, ties to even. */

/** `1.0`, `1e+16`, `1e-07`: exponents have two digits and begin at 16 and -5. */
export function pythonFloat(value: number): string {
  const [digits = '', power = '0'] = Math.abs(value).toExponential().split('e');
  const sign = value < 0 ? '-' : '';
  const exponent = Number(power);
  if (exponent >= 16 || exponent < -4) {
    return `${sign}${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const plain = exponent >= 0 ? Math.abs(value).toString() : smallText(digits, exponent);
  return `${sign}${plain.includes('.') ? plain : `${plain}.0`}`;
}

const smallText = (digits: string, exponent: number): string =>
  `0.${'0'.repeat(-exponent - 1)}${digits.replace('.', '')}`;

/** A double as a fraction of whole numbers: it always is one, over a power of two. */
function fractionOf(value: number): { units: bigint; power: number } {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const raw = bits.getBigUint64(0);
  const exponent = Number((raw >> 52n) & 0x7ffn);
  const mantissa = raw & 0xf_ffff_ffff_ffffn;
  const units = exponent === 0 ? mantissa : mantissa | (1n << 52n);
  return { units: raw >> 63n === 1n ? -units : units, power: Math.max(exponent, 1) - 1075 };
}

/** Quotient to the nearest whole number, ties to even. The divisor is positive. */
export function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  const floor = floorDivide(dividend, divisor);
  const twice = (dividend - floor * divisor) * 2n;
  return twice > divisor || (twice === divisor && floor % 2n !== 0n) ? floor + 1n : floor;
}

export function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor !== 0n && dividend < 0n !== divisor < 0n ? quotient - 1n : quotient;
}

/** `value` rounded to `places` decimals, exactly, as an integer number of them. */
function roundedUnits(value: number, places: number): bigint {
  const { units, power } = fractionOf(value);
  const scaled = places >= 0 ? units * 10n ** BigInt(places) : units;
  const divisor = places >= 0 ? 1n : 10n ** BigInt(-places);
  return power >= 0
    ? divideHalfEven(scaled << BigInt(power), divisor)
    : divideHalfEven(scaled, divisor << BigInt(-power));
}

/** The nearest whole number, ties to even. */
export const roundFloat = (value: number): bigint => roundedUnits(value, 0);

/** Decimal text with exactly that many places. Places beyond 1100 are zeros: no double has more. */
export function roundedText(value: number, places: number): string {
  const kept = Math.min(places, 1100);
  const units = roundedUnits(value, kept);
  const digits = String(units < 0n ? -units : units).padStart(kept + 1, '0');
  const whole = digits.slice(0, digits.length - kept);
  const sign = units < 0n ? '-' : '';
  return `${sign}${whole}${kept > 0 ? `.${digits.slice(digits.length - kept)}` : ''}${'0'.repeat(places - kept)}`;
}

/** Rounded to a multiple of a power of ten. */
export const roundToTens = (value: number, tens: number): number =>
  tens > 400 ? 0 : Number(roundedUnits(value, -tens) * 10n ** BigInt(tens));
