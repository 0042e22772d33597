/** Values as text: in format strings, for `string()`, and inside lists as JSON. */
import { pythonFloat } from './python-float.ts';
import { typeName, unresolvedOf } from './types.ts';
import type { Value } from './values.ts';

export const floatText = ({ value, text }: Extract<Value, { is: 'float' }>): string =>
  text ?? pythonFloat(value);

export function display(value: Value): string {
  switch (value.is) {
    case 'nulltype':
      return 'null';
    case 'bool':
    case 'int':
      return String(value.value);
    case 'float':
      return floatText(value);
    case 'string':
    case 'path':
      return value.value;
    case 'range_expr':
      return value.value?.toString() ?? '';
    case 'list':
      return `[${value.items.map(displayItem).join(', ')}]`;
    case 'unresolved':
      return typeName(unresolvedOf(value.type));
  }
}

function displayItem(value: Value): string {
  return value.is === 'string' || value.is === 'path' ? quoteJson(value.value) : display(value);
}

/** Characters beyond ASCII stay readable. */
export const quoteJson = (value: string): string => JSON.stringify(value);

/** The same with ASCII alone, as Python's `json.dumps` writes it. */
export const quoteAsciiJson = (value: string): string =>
  JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
