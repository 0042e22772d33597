/**
 * The acceptance test of the weather project, made from its template with the built command line: real data in, a
 * model and charts out, and data that is in Fahrenheit where nobody looks does not get past the gate.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type HandlingView, type RunView } from '@pipl/registry-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { piplExec, refused } from '../../../scripts/story/cli.ts';
import { fromTemplate, productVersions, type TemplateProject } from '../../../scripts/story/template.ts';

let temp: string;
let project: TemplateProject;
let examined: HandlingView;
let weather: RunView[];
let flights: RunView[];

beforeAll(async () => {
  temp = await mkdtemp(join(tmpdir(), 'pipl-weather-'));
  project = await fromTemplate(join(temp, 'weather'), 'data');
  await project.pipl('tasks', ['packl', 'publish', 'pipeline', 'source']);
  const tasks = ['clean', 'features', 'split', 'train', 'evaluate', 'report', 'delays', 'chart'];
  await project.pipl('tasks', ['packl', 'publish', ...tasks]);
  for (const packl of ['seattle', 'flights']) {
    await project.pipl(`data/${packl}`, ['packl', 'add', '@weather/source', 'where the data comes from']);
  }
  examined = await publishDays();
  weather = await project.wave(examined.promoted!);
  await data('flights', ['flights', '../flights.json'], '../flights.json');
  await project.pipl('data/flights', ['packl', 'publish', '--to', 'root/stage']);
  flights = await project.wave((await project.checked('@weather/flights', '1.0.0')).promoted!);
}, 540_000);

afterAll(async () => {
  await project[Symbol.asyncDispose]();
  await rm(temp, { recursive: true, force: true });
});

async function data(packl: string, args: readonly string[], file: string): Promise<void> {
  await piplExec(['weather-data', ...args], { cwd: join(project.path, 'workspaces/data', packl) });
  const type = file.endsWith('.csv') ? 'Csv' : 'Json';
  await project.pipl(`data/${packl}`, ['asset', 'add', 'table', file, '--type', type]);
}

async function publishDays(...mistake: string[]): Promise<HandlingView> {
  await data('seattle', ['seattle', '../seattle.csv', ...mistake], '../seattle.csv');
  const { published } = await project.pipl<{ published: { version: string }[] }>('data/seattle', [
    'packl',
    'publish',
    '--to',
    'root/stage',
  ]);
  return project.checked('@weather/seattle', published[0]!.version);
}

const ran = (runs: readonly RunView[]): string[] =>
  runs.map(({ task, state }) => `${task} ${state}`).toSorted();
const expected = async () =>
  JSON.parse(await readFile(join(import.meta.dirname, '../expected.json'), 'utf8')) as {
    accuracy: { atLeast: number; about: number };
    majority: number;
    products: Record<string, string[]>;
  };

test('the data is examined before it gets in: a model that learns from it is accurate', async () => {
  const { accuracy, majority } = await expected();
  expect(examined.state).toBe('promoted');
  const exam = examined.checks.find(({ check }) => check.includes('accurate'));
  expect(exam).toMatchObject({ passed: true, figures: { accuracy: accuracy.about, majority } });
});

test('data in makes a model, its examination and a report, each once', () => {
  expect(ran(weather)).toEqual(
    ['clean', 'evaluate', 'features', 'report', 'split', 'train'].map((task) => `@weather/${task} succeeded`),
  );
  expect(ran(flights)).toEqual(['@weather/chart succeeded', '@weather/delays succeeded']);
});

test('the model that was published is as good as it says', async () => {
  const { accuracy } = await expected();
  const file = await project.asset('@weather/metrics', 'metrics', join(temp, 'out'));
  const metrics = JSON.parse(await readFile(file, 'utf8')) as { accuracy: number; confusion: number[][] };
  expect(metrics.accuracy).toBeCloseTo(accuracy.about, 4);
  expect(metrics.accuracy).toBeGreaterThanOrEqual(accuracy.atLeast);
  expect(metrics.confusion.flat().reduce((a, b) => a + b, 0)).toBe(365);
});

test('the chart shows all hours of 200,000 flights', async () => {
  const svg = await readFile(
    await project.asset('@weather/delays-chart', 'chart', join(temp, 'out')),
    'utf8',
  );
  expect(svg).toMatch(/^<svg/);
  expect(svg.match(/aria-label="hour of departure: \d+/g)).toHaveLength(24);
});

test('Fahrenheit in the last year is caught: it stays in the stage, and says why', async () => {
  await project.pipl('data/seattle', ['packl', 'bump', 'patch', 'degrees of another kind']);
  const bad = await publishDays('--fahrenheit-from', '2015-01-01');
  expect(bad).toMatchObject({ state: 'failed', reason: expect.stringContaining('accurate') });
  expect(bad.checks.find(({ passed }) => !passed)?.message).toMatch(/accuracy is 0\.5\d\d/);
  expect(productVersions(await project.rows())).toEqual((await expected()).products);
});

test('who may only publish to the stage cannot go around it', async () => {
  await project.pipl('', ['proj', 'user', 'add', '', 'dana', 'secret', 'dana@example.org']);
  await project.pipl('', ['proj', 'index', 'set', 'root/PROJ', '--publish', 'root']);
  const { token } = await connect({ url: project.url }).login({ user: 'dana', password: 'secret' });
  const { code } = await refused(['packl', 'publish', '--to', 'root/PROJ'], {
    cwd: join(project.path, 'workspaces/data/seattle'),
    env: { PIPL_TOKEN: token },
  });
  expect(code).toBe('PIPL_DENIED');
});
