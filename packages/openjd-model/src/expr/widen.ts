/** The two conversions that happen by themselves in a call: int to float, and path to string. */
import { float, text } from './values.ts';
import type { Value } from './values.ts';

export const floatOfInt = ({ value }: Extract<Value, { is: 'int' }>): Value => float(Number(value));
export const pathText = ({ value }: Extract<Value, { is: 'path' }>): Value => text(value);
