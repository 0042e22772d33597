/**
 * Which runs somebody means: `task=@film/sh0* and state!=failed`. Pure.
 *
 * Conditions are joined by `and`; each names a field, `=` or `!=`, and one or more patterns separated by `|`, in
 * which `*` stands for anything.
 */
import { piplError } from '@pipl/packl';

const fields = ['task', 'type', 'index', 'state'] as const;
type Field = (typeof fields)[number];
export type RunFacts = Readonly<Record<Field, string>>;

/** @throws PIPL_WHERE */
export function parseWhere(text: string): (facts: RunFacts) => boolean {
  const conditions = text
    .split(/\s+and\s+/i)
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .map(conditionOf);
  return (facts) => conditions.every((holds) => holds(facts));
}

function conditionOf(written: string): (facts: RunFacts) => boolean {
  const [, name = '', not, patterns = ''] = /^(\w+)\s*(!)?=\s*(.+)$/.exec(written) ?? [];
  const field = fields.find((one) => one === name);
  if (field === undefined) throw badWhere(written);
  const all = patterns.split('|').map((pattern) => asExpression(pattern.trim()));
  return (facts) => all.some((one) => one.test(facts[field])) === (not === undefined);
}

const asExpression = (pattern: string): RegExp => {
  const text = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*');
  return new RegExp(`^${text}$`);
};

const badWhere = (written: string) =>
  piplError('usage', 'PIPL_WHERE', {
    what: `"${written}" is no condition.`,
    why: `A condition is a field (${fields.join(', ')}), = or !=, and a pattern with * for anything.`,
    hint: "For example --where 'type=@film/pipeline/render#* and index=root/PROJ'.",
  });
