/**
 * Turns the text of a template into plain values. YAML, and so JSON, with the caps that keep a hostile
 * document from costing more than it weighs: size, depth, aliases, and values after aliases are followed.
 *
 * Says nothing about what the values mean; that is `read-template.ts`.
 */
import {
  CORE_SCHEMA,
  NOT_RESOLVED,
  YAMLException,
  defineScalarTag,
  floatCoreTag,
  intCoreTag,
  load,
  mergeTag,
} from 'js-yaml';

import { DocumentUnreadable } from './errors.ts';
import { WrittenFloat } from './written-float.ts';

const deepest = 128;
const mostAliases = 1000;
const mostValues = 1_000_000;
const defaultSize = 16 * 1024 * 1024;

/** Integers that a double cannot hold become bigint: a 64-bit frame number must not be rounded. */
const exactIntTag = defineScalarTag<number | bigint>(intCoreTag.tagName, {
  implicit: true,
  implicitFirstChars: intCoreTag.implicitFirstChars,
  identify: () => false,
  resolve: (source, isExplicit, tagName) => {
    const value = intCoreTag.resolve(source, isExplicit, tagName);
    if (value === NOT_RESOLVED || Number.isSafeInteger(value)) return value;
    return /^[-+]?\d+$/.test(source) ? BigInt(source.replace(/^\+/, '')) : value;
  },
});

/** Decimals keep their text, so that `1.50` reaches a command line as `1.50`. */
const exactFloatTag = defineScalarTag<number | WrittenFloat>(floatCoreTag.tagName, {
  implicit: true,
  implicitFirstChars: floatCoreTag.implicitFirstChars,
  identify: () => false,
  resolve: (source, isExplicit, tagName) => {
    const value = floatCoreTag.resolve(source, isExplicit, tagName);
    if (value === NOT_RESOLVED) return NOT_RESOLVED;
    return String(value) === source ? value : new WrittenFloat(value, source);
  },
});

const schema = CORE_SCHEMA.withTags(exactIntTag, exactFloatTag, mergeTag);

/**
 * The values of a document: text is parsed, anything else is checked against the same caps.
 *
 * @throws DocumentUnreadable if it is not YAML, repeats a key, or passes a cap.
 */
export function readDocument(source: unknown, maxTemplateSize: number = defaultSize): unknown {
  const value = typeof source === 'string' ? parse(source, maxTemplateSize) : source;
  measure(value);
  return value;
}

function parse(text: string, maxTemplateSize: number): unknown {
  if (text.length > maxTemplateSize) {
    throw new DocumentUnreadable({
      message: `The template has ${text.length} characters; ${maxTemplateSize} are allowed`,
      hint: 'Move large data out of the template.',
    });
  }
  try {
    return load(text, { schema, maxDepth: deepest, maxAliases: mostAliases });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { reason, mark } = error;
    const place = mark ? { line: mark.line + 1, column: mark.column + 1 } : {};
    const where = mark ? ` (line ${mark.line + 1}, column ${mark.column + 1})` : '';
    throw new DocumentUnreadable({ message: `The template is not YAML or JSON: ${reason}${where}` }, place);
  }
}

/** Follows aliases as often as they are used, so that ten lines cannot stand for a billion values. */
function measure(root: unknown): void {
  const left: { of: object; depth: number }[] = [];
  let count = 0;
  const see = (value: unknown, depth: number) => {
    count += 1;
    if (count > mostValues) {
      throw new DocumentUnreadable({
        message: `The template stands for more than ${mostValues} values`,
        why: 'Aliases are counted every time they are used.',
      });
    }
    if (typeof value !== 'object' || value === null) return;
    if (depth > deepest) {
      throw new DocumentUnreadable({ message: `The template is nested deeper than ${deepest} levels` });
    }
    left.push({ of: value, depth });
  };
  see(root, 1);
  for (let next = left.pop(); next; next = left.pop()) {
    const depth = next.depth + 1;
    // A long list is walked as it is: its values need no list of their own.
    if (Array.isArray(next.of)) for (const child of next.of) see(child, depth);
    else for (const child of Object.values(next.of)) see(child, depth);
  }
}
