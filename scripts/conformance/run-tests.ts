/**
 * Run tests of the official suite: the command `openjd` runs a job and its output is compared. `*.test.yaml` holds all
 * of one; in the older layout a `*.template.yaml` has `.parameters`, `.env` and `.expected` files beside it.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { failed, passed, type Case, type Verdict } from './case.ts';
import {
  compareTexts,
  here,
  isElsewhere,
  readMap,
  unknownKeys,
  type Fields,
  type Texts,
} from './expectations.ts';
import type { Found } from './suite.ts';
import { isInvalid } from './templates.ts';

/** How `openjd` is started: `[node, file]`. */
export type Program = readonly [string, ...string[]];

const longestRunMs = 120_000;

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

export function testCase({ root, file, category, extension }: Found, program: Program): Case {
  const run = async (): Promise<Verdict> => {
    const test = testOf(root, file);
    const unknown = unknownKeys(test, [
      'template',
      'parameters',
      'environments',
      'pathMapping',
      'runOn',
      'expected',
    ]);
    if (unknown) return unknown;
    if (isElsewhere(test['runOn'])) return { is: 'elsewhere' };
    const ran = await inFolder((folder) => {
      const write = (name: string, value: unknown) => {
        writeFileSync(join(folder, name), written(value));
        return join(folder, name);
      };
      const environments = (test['environments'] ?? []) as readonly unknown[];
      return runProgram(program, [
        'run',
        write('template.yaml', test['template']),
        ...(test['parameters'] === undefined
          ? []
          : ['-p', `file://${write('parameters.yaml', test['parameters'])}`]),
        ...environments.flatMap((one, index) => ['--env', write(`env${index}.yaml`, one)]),
        ...(test['pathMapping'] === undefined ? [] : ['--path-mapping-rules', rules(test['pathMapping'])]),
      ]);
    });
    return isInvalid(file) ? refused(ran) : compare(ran, (test['expected'] ?? {}) as Fields);
  };
  return { category, extension, name: file, isSlow: true, run };
}

/** What a `*.test.yaml` would say, whichever the layout is. */
function testOf(root: string, file: string): Fields {
  const [, stem] = /^(.*)\.template\.[a-z]+$/.exec(file) ?? [];
  if (stem === undefined) return readMap(root, file);
  const beside = (kind: string) => {
    const names = ['yaml', 'yml', 'json'].map((ending) => `${stem}.${kind}.${ending}`);
    const name = names.find((one) => existsSync(join(root, one)));
    return name === undefined ? undefined : readMap(root, name);
  };
  const [parameters, environment] = [beside('parameters'), beside('env')];
  const { expected_output: output, forbidden_output: forbidden, ...rest } = beside('expected') ?? {};
  return {
    template: readMap(root, file),
    ...(parameters && { parameters }),
    ...(environment && { environments: [environment] }),
    expected: {
      ...rest,
      ...(output !== undefined && { output }),
      ...(forbidden !== undefined && { forbidden }),
    },
  };
}

const refused = ({ code, output }: Ran): Verdict =>
  code === 0 ? failed('a run that fails', `exit 0\n${output}`) : passed;

const rules = (list: unknown): string =>
  JSON.stringify({ version: 'pathmapping-1.0', path_mapping_rules: list });

function compare({ code, output }: Ran, expected: Fields): Verdict {
  const known = [
    'output',
    'forbidden',
    'taskFailure',
    'output_posix',
    'output_windows',
    'forbidden_posix',
    'forbidden_windows',
  ];
  const unknown = unknownKeys(expected, known);
  if (unknown) return unknown;
  const failure = expected['taskFailure'] as { exitCode?: number } | undefined;
  if (failure) {
    if (code === 0) return failed('a task that fails', `exit 0\n${output}`);
    const codes = [...output.matchAll(/exited with code:\s*(-?\d+)/g)].map(([, text]) => Number(text));
    const first = codes.find((one) => one !== 0);
    if (failure.exitCode !== undefined && first !== Number(failure.exitCode))
      return failed(`exit code ${failure.exitCode}`, `${first}\n${output}`);
  }
  const texts = (key: string) =>
    [expected[key] ?? [], expected[`${key}_${here}`] ?? []].flat() as unknown as Texts;
  return compareTexts(output, { wanted: texts('output'), forbidden: texts('forbidden') });
}

/** JSON, with numbers as Python writes them: the official runner passes all documents through Python. */
function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null) {
    const text = String(Number(String(value)));
    return /^-?\d+$/.test(text) ? `${text}.0` : text;
  }
  return `{${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}:${written(inner)}`)
    .join(',')}}`;
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'openjd-conformance-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function runProgram([file, ...before]: Program, args: readonly string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PYTHONUTF8: '1' };
    const child = spawn(file, [...before, ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: longestRunMs,
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output: Buffer.concat(chunks).toString('utf8') }));
  });
}
