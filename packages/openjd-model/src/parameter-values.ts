/** EXPR: the typed values and types that parameters have in expressions. */
import { display } from './expr/display.ts';
import { listOf, types, unresolvedOf } from './expr/types.ts';
import type { Type } from './expr/types.ts';
import { boolean, float, integer, listFrom, range, text, unresolved } from './expr/values.ts';
import type { Value } from './expr/values.ts';
import { IntRange } from './int-range.ts';
import { itemTypeOf, itemsOfText, textOfItem } from './list-parameter.ts';
import type { ItemType } from './list-parameter.ts';
import type { JobParameterType, JobParameterValues, TaskParameterSet, TaskParameterType } from './types.ts';

/** Where a path of the submitter lies on this machine. */
export type MapPath = (path: string) => string;

type AnyType = JobParameterType | TaskParameterType | ItemType;

/** The type of a parameter in an expression. Without `isMapped` paths are text: they have no place yet. */
export function expressionType(type: AnyType, isMapped: boolean): Type {
  switch (type) {
    case 'STRING':
      return types.string;
    case 'PATH':
      return isMapped ? types.path : types.string;
    case 'INT':
      return types.int;
    case 'FLOAT':
      return types.float;
    case 'BOOL':
      return types.bool;
    case 'RANGE_EXPR':
    case 'CHUNK[INT]':
      return types.rangeExpr;
    default:
      return listOf(expressionType(itemTypeOf(type), isMapped));
  }
}

/** A value not known yet. */
export const unknownOf = (type: AnyType, isMapped: boolean): Value =>
  unresolved(unresolvedOf(expressionType(type, isMapped)));

/** The value that the text of a parameter stands for. Paths are mapped if `map` is given, else text. */
export function expressionValue(type: AnyType, value: string, map?: MapPath): Value {
  switch (type) {
    case 'STRING':
      return text(value);
    case 'PATH':
      return map ? { is: 'path', value: map(value) } : text(value);
    case 'INT':
      return integer(BigInt(value.trim().replace(/^\+/, '')));
    case 'FLOAT':
      return float(Number(value), /^-?\d/.test(value) ? value : undefined);
    case 'BOOL':
      return boolean(value === 'true');
    case 'RANGE_EXPR':
    case 'CHUNK[INT]':
      return range(IntRange.parse(value));
    default:
      return listValue(itemTypeOf(type), itemsOfText(value) ?? [], map);
  }
}

function listValue(type: ItemType, items: readonly unknown[], map: MapPath | undefined): Value {
  const of = expressionType(type, map !== undefined);
  const values = items.map((item) =>
    type === 'LIST[INT]' && Array.isArray(item)
      ? listValue('INT', item, map)
      : expressionValue(type, textOfItem(item), map),
  );
  return listFrom(values, of);
}

/** `Param.*` and `RawParam.*` of a job. In template scope (no `map`) a path has its raw text alone. */
export function* jobParameterSymbols(values: JobParameterValues, map?: MapPath): Generator<[string, Value]> {
  for (const [name, { type, value }] of Object.entries(values)) {
    yield [`RawParam.${name}`, expressionValue(type, value)];
    const hasPaths = type === 'PATH' || type === 'LIST[PATH]';
    if (map || !hasPaths) yield [`Param.${name}`, expressionValue(type, value, map)];
  }
}

/** `Task.Param.*` and `Task.RawParam.*` of a task. */
export function* taskParameterSymbols(values: TaskParameterSet, map: MapPath): Generator<[string, Value]> {
  for (const [name, { type, value }] of Object.entries(values)) {
    yield [`Task.RawParam.${name}`, expressionValue(type, value)];
    yield [`Task.Param.${name}`, expressionValue(type, value, map)];
  }
}

/** The items of a list or a range, as text; undefined for other values. */
export function textItems(value: Value): readonly string[] | undefined {
  if (value.is === 'list') return value.items.map(display);
  return value.is === 'range_expr' ? [...(value.value ?? [])].map(String) : undefined;
}
