/** Large templates and spaces: decoding, making the job, walking a million points and reaching for them. */
import {
  StepParameterSpaceIterator,
  createJob,
  decodeJobTemplate,
  preprocessJobParameters,
} from '@pipl/openjd-model';
import { figure, type Print } from '../../../scripts/figures.ts';
import { best, jobOf } from './measuring.ts';

const rounds = 7;
const mostDecode = 250;
const mostCreate = 40;
const leastRate = 8;

const timed = (work: () => void): number => {
  const began = performance.now();
  work();
  return performance.now() - began;
};

const times = (work: () => void): number => best(Array.from({ length: rounds }, () => timed(work)));

/** 200 steps with 1,000 values each: 1.7 MB of JSON. */
function largeTemplate(): string {
  const values = Array.from({ length: 1000 }, (_, at) => 100_000 + at);
  const step = (index: number) => ({
    name: `Step${index}`,
    parameterSpace: { taskParameterDefinitions: [{ name: 'F', type: 'INT', range: values }] },
    script: { actions: { onRun: { command: 'render', args: ['{{Task.Param.F}}'] } } },
  });
  const compact = JSON.stringify(jobOf(...Array.from({ length: 200 }, (_, index) => step(index))));
  // As Python writes it.
  return compact.replaceAll(',', ', ').replaceAll('":', '": ');
}

export function largeTemplates(print: Print): void {
  const text = largeTemplate();
  const megabytes = (text.length / 1e6).toFixed(1);
  const parse = times(() => void JSON.parse(text));
  const decode = times(() => void decodeJobTemplate(text));
  const jobTemplate = decodeJobTemplate(text);
  const folders = { jobTemplateDir: '/', currentWorkingDir: '/' };
  const jobParameterValues = preprocessJobParameters({ jobTemplate, values: {}, ...folders });
  const create = times(() => void createJob({ jobTemplate, jobParameterValues }));
  const floor = { unit: 'ms', baseline: parse, baselineName: 'JSON.parse of the same text' };
  const name = `a template of 200 steps and 200,000 values, ${megabytes} MB`;
  const holds = (value: number, goal: number) => ({ goal: `at most ${goal} ms`, holds: value <= goal });
  print(figure(`decode ${name}`, { ...floor, value: decode, ...holds(decode, mostDecode) }));
  print(figure(`createJob of ${name}`, { ...floor, value: create, ...holds(create, mostCreate) }));
}

export function largeSpaces(print: Print): void {
  const range = '1-1000';
  const space = {
    taskParameterDefinitions: { A: { type: 'INT', range }, B: { type: 'INT', range } },
  } as const;
  const tasks = new StepParameterSpaceIterator({ space });
  const points = tasks.length;
  const spread = Array.from({ length: points }, (_, at) => (at * 7919) % points);
  const plain = times(() => {
    let made = 0;
    for (let at = 0; at < points; at += 1) made += Object.keys({ A: at, B: at }).length;
    if (made !== 2 * points) throw new Error('The floor was not reached');
  });
  const walk = times(() => {
    let count = 0;
    for (const task of tasks) count += task['A'] === undefined ? 0 : 1;
    if (count !== points) throw new Error(`${count} points were walked`);
  });
  const reach = times(() => {
    let count = 0;
    for (const at of spread) count += tasks.at(at)['B'] === undefined ? 0 : 1;
    if (count !== points) throw new Error(`${count} points were reached`);
  });
  const rate = (ms: number) => points / ms / 1000;
  const floor = {
    unit: 'M points/s',
    baseline: rate(plain),
    baselineName: 'a loop that makes as many objects',
  };
  const goal = `at least ${leastRate} M points/s`;
  print(
    figure('iteration of a million points', {
      ...floor,
      value: rate(walk),
      goal,
      holds: rate(walk) >= leastRate,
    }),
  );
  print(
    figure('random access to a million points', {
      ...floor,
      value: rate(reach),
      goal,
      holds: rate(reach) >= leastRate,
    }),
  );
}
