import { expect, test } from 'vitest';

import { environmentTemplate, runJob, show, template } from './job-fixture.ts';

const step = (fields: object) => ({ steps: [{ name: 'Step', ...fields }] });
const onRun = (...args: string[]) => ({ actions: { onRun: show(...args) } });
const parameters = (...parameterDefinitions: object[]) => ({ parameterDefinitions });

test('let is seen where it is written and inside, in a step, its environments and its script', async () => {
  const { output } = await runJob({
    template: template(['EXPR'], {
      ...parameters({ name: 'N', type: 'INT', default: 7 }),
      ...step({
        let: ['thrice = Param.N * 3'],
        stepEnvironments: [
          {
            name: 'E',
            variables: { THRICE: '{{ thrice }}' },
            script: {
              let: ['more = thrice + 1'],
              actions: { onEnter: show('{{ more }}'), onExit: show('{{ thrice }}') },
            },
          },
        ],
        script: {
          let: ['label = "n" + string(thrice)'],
          actions: { onRun: { command: 'sh', args: ['-c', 'echo {{ label }} $THRICE'] } },
        },
      }),
    }),
  });
  expect(output).toEqual(['<22>', 'n21 21', '<21>']);
});

test('values have their types: lists stand for their items, null for none', async () => {
  const { output } = await runJob({
    template: template(['EXPR'], {
      ...parameters(
        { name: 'L', type: 'LIST[STRING]', default: ['a', 'b c'] },
        { name: 'B', type: 'BOOL', default: 'yes' },
        { name: 'F', type: 'FLOAT', default: '1.50' },
        { name: 'R', type: 'RANGE_EXPR', default: '1-3' },
      ),
      ...step({
        script: onRun(
          '{{ Param.L }}',
          '{{ null }}',
          '{{ [] }}',
          '{{ not Param.B }}',
          '{{ Param.F }}',
          '{{ len(Param.R) }}',
          'in a text: {{ Param.L }}',
        ),
      }),
    }),
  });
  expect(output).toEqual(['<a><b c><false><1.50><3><in a text: ["a", "b c"]>']);
});

test('task parameters are typed too, chunks among them', async () => {
  const { output } = await runJob({
    template: template(['EXPR', 'TASK_CHUNKING'], {
      ...step({
        parameterSpace: {
          taskParameterDefinitions: [
            {
              name: 'Frame',
              type: 'CHUNK[INT]',
              range: '1-5',
              chunks: { defaultTaskCount: 3, rangeConstraint: 'CONTIGUOUS' },
            },
            { name: 'X', type: 'INT', range: [4] },
          ],
        },
        script: onRun(
          '{{ Task.Param.Frame }}',
          '{{ sum(list(Task.Param.Frame)) }}',
          '{{ Task.Param.X / 8 }}',
        ),
      }),
    }),
  });
  expect(output).toEqual(['<1-3><6><0.5>', '<4,5><9><0.5>']);
});

test('paths are mapped, in lists and by apply_path_mapping, and raw ones are not', async () => {
  const { output } = await runJob({
    rules: [{ sourcePathFormat: 'POSIX', sourcePath: '/in', destinationPath: '/out' }],
    values: { P: '/in/a.exr', L: '["/in/b"]' },
    template: template(['EXPR'], {
      ...parameters({ name: 'P', type: 'PATH' }, { name: 'L', type: 'LIST[PATH]' }),
      ...step({
        script: onRun(
          '{{ Param.P }}',
          '{{ Param.P.stem }}',
          '{{ Param.L[0] }}',
          '{{ apply_path_mapping(RawParam.P) }}',
          '{{ RawParam.P.apply_path_mapping().parent }}',
          '{{ Session.HasPathMappingRules and 1 }}',
        ),
      }),
    }),
  });
  expect(output).toEqual(['</out/a.exr><a></out/b></out/a.exr></out><1>']);
});

test('Job.Name, Step.Name, files and the session have their values, as paths where they are', async () => {
  const { output } = await runJob({
    template: template(['EXPR'], {
      ...step({
        script: {
          ...onRun(
            '{{ Job.Name }}/{{ Step.Name }}',
            '{{ Task.File.f.name }}',
            '{{ Task.File.f.parent.parent == Session.WorkingDirectory }}',
          ),
          embeddedFiles: [{ name: 'f', type: 'TEXT', filename: 'f.txt', data: '{{ 1 + 1 }}' }],
        },
      }),
    }),
  });
  expect(output).toEqual(['<Job/Step><f.txt><true>']);
});

test('an expression that fails fails its action, and says where', async () => {
  const { ends } = await runJob({
    template: template(['EXPR'], {
      ...parameters({ name: 'N', type: 'INT', default: 0 }),
      ...step({ script: onRun('{{ 1 // Param.N }}') }),
    }),
  });
  expect(ends).toEqual([{ state: 'FAILED', failMessage: expect.stringMatching(/division by zero[^]*\^~/i) }]);
});

test('a let that fails fails the action that needs it', async () => {
  const { ends } = await runJob({
    template: template(['EXPR'], {
      ...parameters({ name: 'N', type: 'INT', default: 0 }),
      ...step({ script: { let: ['x = Task.Param.I // Param.N'], ...onRun('{{ x }}') }, ...one('I') }),
    }),
  });
  expect(ends).toMatchObject([{ state: 'FAILED' }]);
});

test('an environment template may use EXPR though the job does not', async () => {
  const { output } = await runJob({
    environments: [
      environmentTemplate(['EXPR'], {
        name: 'E',
        script: { actions: { onEnter: show('{{ Job.Name.upper() }}') } },
      }),
    ],
    template: template(['TASK_CHUNKING'], step({ script: onRun('task') })),
  });
  expect(output).toEqual(['<JOB>', '<task>']);
});

function one(name: string) {
  return { parameterSpace: { taskParameterDefinitions: [{ name, type: 'INT', range: [1] }] } };
}
