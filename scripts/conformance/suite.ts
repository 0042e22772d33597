/**
 * Finds the cases in a folder, by what lies there:
 *
 *   manifest.jsonl              templates with verdicts, messages and golden jobs, one a line
 *   …/expressions/*.jsonl       expressions with their values
 *   *.test.yaml|json            run tests: template, parameters and what must be printed
 *   jobs…/*.template.yaml       the same in the older layout, `.parameters`, `.env` and `.expected` beside it
 *   *_scenario.yaml             a session to run, with the template that it names
 *   any other *.yaml|json       a template; `.invalid.` in its name means that it must be refused
 *
 * The first folder below one named like `2023-09` is the extension, the folder of the file the category.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';

import type { Case } from './case.ts';
import { expressionCases } from './expressions.ts';
import { manifestCases } from './manifest.ts';
import { testCase, type Program } from './run-tests.ts';
import { scenarioCase } from './scenarios.ts';
import { templateCase } from './templates.ts';

export interface Found {
  readonly root: string;
  /** Inside `root`. */
  readonly file: string;
  readonly category: string;
  readonly extension: string;
}

export function findCases(root: string, program: Program): Case[] {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .toSorted();
  const cases: Case[] = [];
  const known = new Set<string>();
  for (const file of files.filter((name) => basename(name) === 'manifest.jsonl')) {
    const manifest = manifestCases(root, file);
    cases.push(...manifest.cases);
    for (const name of manifest.files) known.add(name);
  }
  for (const file of files.filter((name) => name.endsWith('_scenario.yaml'))) {
    const scenario = scenarioCase(found(root, file), (name) => found(root, name).extension);
    cases.push(scenario.case);
    known.add(scenario.template);
  }
  for (const file of files.filter((name) => !known.has(name)))
    cases.push(...casesOf(found(root, file), program));
  return cases;
}

function casesOf(at: Found, program: Program): Case[] {
  const { root, file } = at;
  if (/(?:^|\/)expressions\/[^/]+\.jsonl$/.test(file)) return expressionCases(at);
  if (/\.test\.(?:yaml|yml|json)$/.test(file)) return [testCase(at, program)];
  if (at.category.startsWith('jobs')) {
    const [, kind] = /\.(template|parameters|env|expected)\.(?:yaml|yml|json)$/.exec(file) ?? [];
    if (kind !== undefined) return kind === 'template' ? [testCase(at, program)] : [];
  }
  if (!/\.(?:yaml|yml|json)$/.test(file) || file.endsWith('_scenario.yaml')) return [];
  // Only templates: beside them lie parameter files and other data.
  const isTemplate = /(?:^|_)(?:job|env)_templates/.test(at.category) || mentionsVersion(join(root, file));
  return isTemplate ? [templateCase(at)] : [];
}

const mentionsVersion = (path: string): boolean =>
  /^[\s{]*["']?specificationVersion["']?\s*:/m.test(readFileSync(path, 'utf8'));

export function found(root: string, file: string): Found {
  const parts = dirname(file).split('/');
  const version = parts.findIndex((part) => /^v?\d{4}-\d{2}$/.test(part));
  const below = version < 0 ? undefined : parts[version + 1];
  const isExtension = below !== undefined && /^(?:base|[A-Z][A-Z0-9_]+)$/.test(below);
  const ofName = /(?:^|\/)ext-([A-Z][A-Z0-9_]+)--/.exec(file)?.[1];
  return {
    root,
    file,
    category: parts.at(-1) === '.' ? 'templates' : parts.at(-1)!,
    extension: ofName ?? (isExtension ? below : extensionAsked(join(root, file))),
  };
}

/** The extensions that a document asks for, when its folder does not tell. */
function extensionAsked(path: string): string {
  const text = readFileSync(path, 'utf8');
  const list =
    /^\s*["']?extensions["']?\s*:((?:\s*(?:-|\[|,)?\s*["']?[A-Z][A-Z0-9_]+["']?)+)/m.exec(text)?.[1] ?? '';
  const names = list.match(/[A-Z][A-Z0-9_]+/g) ?? [];
  return names.length === 0 ? 'base' : names.join('+');
}
