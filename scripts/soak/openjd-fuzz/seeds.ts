/** What is spoiled: templates that between them use every part of the specification, expressions, and output. */
const onRun = { command: 'run', args: ['{{Task.Param.F}}', '{{Param.Frames}}'], timeout: 60 };
const cancelation = { mode: 'NOTIFY_THEN_TERMINATE', notifyPeriodInSeconds: 30 };

const plain = {
  specificationVersion: 'jobtemplate-2023-09',
  name: 'Film {{Param.Frames}}',
  description: 'All of it',
  parameterDefinitions: [
    {
      name: 'Frames',
      type: 'STRING',
      default: '1-10',
      minLength: 1,
      maxLength: 99,
      userInterface: { control: 'LINE_EDIT', label: 'Frames' },
    },
    { name: 'Width', type: 'INT', default: 320, minValue: 1, maxValue: 9000, allowedValues: [320, 640] },
    {
      name: 'Gain',
      type: 'FLOAT',
      default: '1.50',
      minValue: 0.5,
      userInterface: { control: 'SPIN_BOX', decimals: 2 },
    },
    { name: 'Scene', type: 'PATH', default: 'a/b.blend', objectType: 'FILE', dataFlow: 'IN' },
  ],
  jobEnvironments: [
    {
      name: 'E',
      variables: { A: '{{Param.Width}}' },
      script: {
        actions: { onEnter: { command: 'a', cancelation }, onExit: { command: 'b' } },
        embeddedFiles: [
          {
            name: 'f',
            type: 'TEXT',
            filename: 'f.txt',
            runnable: true,
            data: '{{Session.WorkingDirectory}}',
          },
        ],
      },
    },
  ],
  steps: [
    {
      name: 'S',
      hostRequirements: {
        amounts: [{ name: 'amount.worker.vcpu', min: 1, max: 8 }],
        attributes: [{ name: 'attr.worker.os.family', anyOf: ['linux', 'windows'] }],
      },
      stepEnvironments: [{ name: 'SE', variables: { B: 'c' } }],
      parameterSpace: {
        taskParameterDefinitions: [
          { name: 'F', type: 'INT', range: '{{Param.Frames}}' },
          { name: 'G', type: 'FLOAT', range: [1.5, '2.50'] },
          { name: 'H', type: 'STRING', range: ['a', 'b'] },
          { name: 'P', type: 'PATH', range: ['/x', '/y'] },
        ],
        combination: 'F * (G, H) * P',
      },
      script: {
        actions: { onRun },
        embeddedFiles: [{ name: 'x', type: 'TEXT', data: '{{Task.File.x}} {{Task.Param.P}}' }],
      },
    },
    { name: 'T', dependencies: [{ dependsOn: 'S' }], script: { actions: { onRun: { command: 'true' } } } },
  ],
};

const extended = {
  specificationVersion: 'jobtemplate-2023-09',
  extensions: ['EXPR', 'FEATURE_BUNDLE_1', 'TASK_CHUNKING', 'REDACTED_ENV_VARS', 'WRAP_ACTIONS'],
  name: "{{ 'J' + Param.Name.upper() }}",
  parameterDefinitions: [
    { name: 'Name', type: 'STRING', default: 'x' },
    { name: 'On', type: 'BOOL', default: 'yes' },
    { name: 'Range', type: 'RANGE_EXPR', default: '1-10:2' },
    { name: 'Names', type: 'LIST[STRING]', default: ['a', 'b'], minLength: 1, item: { maxLength: 9 } },
    { name: 'Grid', type: 'LIST[LIST[INT]]', default: [[1, 2], [3]] },
    { name: 'Files', type: 'LIST[PATH]', default: ['a', 'b'] },
  ],
  jobEnvironments: [
    {
      name: 'W',
      script: {
        actions: {
          onWrapEnvEnter: { command: '{{WrappedAction.Command}}' },
          onWrapTaskRun: { command: 'w', args: ['{{WrappedAction.Args}}'] },
          onWrapEnvExit: { command: 'x', timeout: '{{WrappedAction.Timeout}}' },
        },
      },
    },
  ],
  steps: [
    {
      name: 'S',
      let: ['n = len(Param.Names)', 'first = Param.Names[0]'],
      parameterSpace: {
        taskParameterDefinitions: [
          {
            name: 'C',
            type: 'CHUNK[INT]',
            range: '1-100',
            chunks: {
              defaultTaskCount: '{{n + 1}}',
              targetRuntimeSeconds: 10,
              rangeConstraint: 'CONTIGUOUS',
            },
          },
          { name: 'Q', type: 'INT', range: '{{Param.Range}}' },
        ],
      },
      bash: {
        let: ['y = n * 2'],
        script: 'echo {{ y }} {{ [f.name for f in Param.Files] }}',
        args: ['{{ Param.Names if Param.On else null }}'],
        timeout: '{{ n + 5 }}',
      },
    },
    {
      name: 'P',
      python: { script: 'print({{repr_py(Param.Grid)}})' },
      hostRequirements: { amounts: [{ name: 'amount.worker.memory', min: '{{Param.Names.len() * 4}}' }] },
    },
  ],
};

const environment = {
  specificationVersion: 'environment-2023-09',
  extensions: ['EXPR'],
  parameterDefinitions: [{ name: 'Site', type: 'STRING', default: 'here' }],
  environment: {
    name: 'Site',
    variables: { SITE: '{{Param.Site.lower()}}' },
    script: { let: ['a = Param.Site'], actions: { onEnter: { command: 'e', args: ['{{a}}'] } } },
  },
};

export const templates: readonly object[] = [plain, extended, environment];

/** As people write them: YAML with anchors, blocks, comments; and JSON. */
export const texts: readonly string[] = [
  ...templates.map((template) => JSON.stringify(template, undefined, 1)),
  `specificationVersion: jobtemplate-2023-09
name: &n Film
parameterDefinitions:
  - { name: Frames, type: STRING, default: "1-5,9", description: >-
      folded
      text }
steps: # one
  - name: *n
    parameterSpace:
      taskParameterDefinitions:
        - { name: F, type: INT, range: "{{Param.Frames}}" }
        - name: G
          type: FLOAT
          range: [1.50, 2, -0.25]
    script:
      actions:
        onRun:
          command: bash
          args: ["-c", "echo {{Task.Param.F}} {{ Task.Param.G }}"]
          cancelation: { mode: NOTIFY_THEN_TERMINATE }
      embeddedFiles:
        - name: f
          type: TEXT
          data: |
            one
            two {{Task.File.f}}
`,
];

export const expressions: readonly string[] = [
  '1 + 2 * -3 // 4 % 5 ** 2',
  '0x1f + 0o17 + 0b11 + 1_000',
  '1.5e3 / 2.0',
  '9223372036854775807 - 1',
  'round(2.675, 2)',
  '\'a\' \'b\' + r\'\\d\' + """c"""',
  "'%s'.upper().center(9, '*')",
  "'a,b'.split(',')[::-1]",
  "'x'.join(['a', 'b'])",
  '[x * 2 for x in range(10) if x % 2 == 0]',
  '[[1, 2], [3]].flatten().sorted()',
  '[1, 2, 3][-1:0:-1]',
  'len([])',
  '1 < 2 <= 3 != 4',
  'not true and false or null == none',
  "'a' in 'abc'",
  '1 if 2 > 1 else 0',
  '[1] + [2.5]',
  "path('/a/b.0001.exr').with_number(12).stem",
  "path('s3://b//k') / 'c' / '../d'",
  "path('/a/b').relative_to('/a')",
  "re_findall('a1b22', r'(\\w)(\\d+)')",
  "re_sub('(a*)*b', 'x', 'aaaa')",
  "range_expr('1-10:2,20')[2]",
  'range(1, 9, 2)',
  "repr_sh(['a b', 'c'])",
  "repr_json({'a'})",
  "fail('no')",
  'max([1, 2.5])',
  'sum([0.1, 0.2])',
  "int('42') + float('1.5')",
  'Param.N * 2',
  'Param.S.replace("a", "b")',
  'Param.L[Param.N]',
  'any([x > 1 for x in Param.L])',
  'string(Param.P.parts)',
];

/** Pieces that output is made of. */
export const pieces: readonly string[] = [
  'hello\n',
  'no newline',
  '\r\n',
  '\n\n',
  '\u0000\u0001',
  'a\rb\n',
  'openjd_progress: 50\n',
  'openjd_progress: 1e999\n',
  'openjd_status: half\n',
  'openjd_fail: it broke\n',
  'openjd_env: A=b=c\n',
  'openjd_env: "A=a\\nb"\n',
  'openjd_unset_env: A\n',
  'openjd_redacted_env: S=hunter2secret\n',
  'openjd_redacted_env: "K=line one\\nline two\\nhunter2"\n',
  'hunter2secret\n',
  'line two and line one\n',
  'openjd_session_runtime_loglevel: DEBUG\n',
  ' OPENJD_ENV: A=b\n',
  'openjd_env:A=b\n',
  'yyyyyyyyyyyyyyyyyyyyyyyyy\n',
  '💥\u202e\n',
  'openjd_redacted_env: E=\n',
];

/** Longer than a line may be. */
export const longPieces: readonly string[] = [
  'x'.repeat(70_000),
  `openjd_redacted_env: L=${'y'.repeat(70_000)}\n`,
  'y'.repeat(65_000),
  '\u00e9'.repeat(40_000),
];
