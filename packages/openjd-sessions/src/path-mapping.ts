/**
 * Path mapping: where the submitter's folders are on this machine. Pure.
 *
 * Rules are tried longest source first and match whole path components:
 * `/mnt/a` maps `/mnt/a/x` and leaves `/mnt/ab` alone.
 */
import { SessionValueError } from './errors.ts';

export interface PathMappingRule {
  /** How the source is written. WINDOWS ignores case and takes `/` and `\` alike. */
  readonly sourcePathFormat: 'POSIX' | 'WINDOWS' | 'URI';
  readonly sourcePath: string;
  readonly destinationPath: string;
}

/** The rules in the order they are tried. */
export const sortedRules = (rules: readonly PathMappingRule[]): PathMappingRule[] =>
  rules.toSorted((a, b) => components(b.sourcePath, b).length - components(a.sourcePath, a).length);

/** `path` on this machine, by the first rule that matches; unchanged when none does. */
export function mapPath(path: string, sorted: readonly PathMappingRule[]): string {
  for (const rule of sorted) {
    const mapped = applyRule(path, rule);
    if (mapped !== undefined) return mapped;
  }
  return path;
}

/** The rules file that actions read: `pathmapping-1.0`, or `{}` when there are no rules. */
export function rulesFileText(sorted: readonly PathMappingRule[]): string {
  if (sorted.length === 0) return '{}';
  return JSON.stringify({
    version: 'pathmapping-1.0',
    path_mapping_rules: sorted.map((rule) => ({
      source_path_format: rule.sourcePathFormat,
      source_path: rule.sourcePath,
      destination_path: rule.destinationPath,
    })),
  });
}

/**
 * Reads a rules file's parsed JSON (`{"version":"pathmapping-1.0","path_mapping_rules":[...]}` or `{}`).
 * @throws SessionValueError naming the first rule that is wrong
 */
export function readRulesFile(json: unknown): PathMappingRule[] {
  if (!isRecord(json)) throw wrongRules('the whole is no object');
  if (Object.keys(json).length === 0) return [];
  if (json.version !== 'pathmapping-1.0') throw wrongRules('the version is not "pathmapping-1.0"');
  if (!Array.isArray(json.path_mapping_rules)) throw wrongRules('path_mapping_rules is no list');
  return json.path_mapping_rules.map(readRule);
}

function readRule(rule: unknown, index: number): PathMappingRule {
  const {
    source_path_format: format,
    source_path: sourcePath,
    destination_path: destinationPath,
  } = isRecord(rule) ? rule : {};
  if (format !== 'POSIX' && format !== 'WINDOWS' && format !== 'URI') {
    throw wrongRules(`path_mapping_rules[${index}].source_path_format is none of POSIX, WINDOWS, URI`);
  }
  if (typeof sourcePath !== 'string' || typeof destinationPath !== 'string') {
    throw wrongRules(`path_mapping_rules[${index}] needs the texts source_path and destination_path`);
  }
  return { sourcePathFormat: format, sourcePath, destinationPath };
}

const wrongRules = (why: string) =>
  new SessionValueError('These are no path mapping rules', {
    why: `In the rules, ${why}.`,
    hint: 'Write {"version":"pathmapping-1.0","path_mapping_rules":[{"source_path_format","source_path","destination_path"}]}.',
  });

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function applyRule(path: string, rule: PathMappingRule): string | undefined {
  const source = components(rule.sourcePath, rule);
  const parts = components(path, rule);
  const matches =
    source.length > 0 &&
    source.length <= parts.length &&
    source.every((part, at) => sameComponent(part, parts[at] ?? '', rule));
  if (!matches) return undefined;
  const below = parts.slice(source.length);
  const trailing = /[/\\]$/.test(path) && (rule.sourcePathFormat === 'WINDOWS' || path.endsWith('/'));
  const base = below.length > 0 || trailing ? rule.destinationPath.replace(/\/+$/, '') : rule.destinationPath;
  return [base, ...below].join('/') + (trailing ? '/' : '');
}

const sameComponent = (a: string, b: string, { sourcePathFormat }: PathMappingRule): boolean =>
  sourcePathFormat === 'WINDOWS' ? a.toLowerCase() === b.toLowerCase() : a === b;

/** A path's root (if any) and names; empty names and `.` are dropped. */
function components(path: string, { sourcePathFormat }: PathMappingRule): string[] {
  const names = (text: string) => text.split('/').filter((name) => name !== '' && name !== '.');
  switch (sourcePathFormat) {
    case 'POSIX':
      return path.startsWith('/') ? ['/', ...names(path)] : names(path);
    case 'URI': {
      const [, scheme = '', rest = path] = /^([A-Za-z][\w+.-]*:\/\/)(.*)$/s.exec(path) ?? [];
      // Below a URI every slash counts: `a//b` is another key than `a/b`.
      const keys = rest.replace(/\/$/, '').split('/');
      return scheme === '' ? keys : [scheme, ...keys];
    }
    case 'WINDOWS': {
      const forward = path.replaceAll('\\', '/');
      const [, root = ''] = /^(\/\/|[A-Za-z]:\/|\/)/.exec(forward) ?? [];
      return root === '' ? names(forward) : [root, ...names(forward.slice(root.length))];
    }
  }
}
