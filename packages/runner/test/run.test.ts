import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeBench, path, shellJob } from './bench.ts';

const note = { type: '@test/code/products#Note', assets: { text: { type: 'Text', kind: 'file' as const } } };

test('a task without inputs makes a product, and it is in the registry', async () => {
  await using bench = await makeBench();
  const ticket = await bench.ticketFor({
    job: shellJob('echo hello > "{{Param.Out_note}}/text/note.txt"', { parameters: [path('Out_note')] }),
    field: { products: { note: '@test/note' }, makes: { note } },
  });
  const { result, saved, events, folder } = await bench.run(ticket);
  expect(result).toMatchObject({
    state: 'succeeded',
    outcome: { published: [{ name: '@test/note', version: '1.0.0' }], unchanged: [] },
  });
  expect(saved).toEqual(result);
  expect(events.map(({ event }) => event)).toEqual(
    expect.arrayContaining(['started', 'first-action', 'ended']),
  );
  expect(await readdir(folder)).not.toContain('work');

  const row = await bench.registry.row(ticket.index, '@test/note', '1.0.0');
  expect(row?.manifest).toMatchObject({
    type: 'module',
    pipl: {
      kind: 'product',
      type: '@test/code/products#Note',
      assets: { text: { type: 'Text', kind: 'file', basename: 'note.txt', size: 6 } },
      made: { by: `${ticket.task.name}@1.0.0`, run: ticket.attempt, inputs: {} },
    },
  });
  const { changes } = await bench.registry.feed.read(0);
  expect(changes.at(-1)).toMatchObject({ op: 'run', run: ticket.attempt, name: ticket.task.name });
});

test('inputs, files, folders, sequences and parameters arrive, and the context says the same', async () => {
  await using bench = await makeBench();
  const make = await bench.ticketFor({
    job: shellJob(
      `cd "{{Param.Out_all}}"; echo one > file/a.txt; mkdir folder/sub; echo two > folder/sub/b.txt
       for n in 0001 0002; do echo $n > frames/img.$n.png; done`,
      { parameters: [path('Out_all')] },
    ),
    field: {
      products: { all: '@test/all' },
      makes: {
        all: {
          type: '@test/code/products#All',
          assets: {
            file: { type: 'Text', kind: 'file' },
            folder: { type: 'Folder', kind: 'folder' },
            frames: { type: 'Frames', kind: 'sequence' },
          },
        },
      },
    },
  });
  expect((await bench.run(make)).result.state).toBe('succeeded');
  const made = (await bench.registry.row(make.index, '@test/all', '1.0.0'))!;
  const pin = { name: made.name, version: made.version, integrity: made.integrity };

  const use = await bench.ticketFor(
    {
      job: shellJob(
        `cat "{{Param.In_one}}/file/a.txt" "{{Param.In_one}}/folder/sub/b.txt"
         cat "{{Param.In_several}}/0/frames/img.0001.png" "{{Param.In_several}}/1/frames/img.0002.png"
         echo "greeting={{Param.greeting}}"
         cat "$PIPL_CONTEXT"
         echo changed >> "{{Param.In_one}}/file/a.txt" || true`,
        { parameters: [path('In_one'), path('In_several'), { name: 'greeting', type: 'STRING' }] },
      ),
      field: {
        inputs: { one: '@test/all', several: ['@test/all', '@test/all'] },
        parameters: { greeting: 'hi' },
      },
    },
    { inputs: ['one', 'several', 'several'].map((slot) => ({ slot, ...pin })) },
  );
  const { result, texts } = await bench.run(use);
  expect(result).toMatchObject({ state: 'succeeded' });
  expect(texts.slice(0, 5)).toEqual(['one', 'two', '0001', '0002', 'greeting=hi']);
  const context = JSON.parse(texts.find((text) => text.startsWith('{'))!) as never;
  expect(context).toMatchObject({
    task: { name: use.task.name, version: '1.0.0' },
    parameters: { greeting: 'hi' },
    inputs: {
      one: {
        name: '@test/all',
        version: '1.0.0',
        assets: { file: { kind: 'file', path: expect.stringMatching(/inputs\/one\/file\/a\.txt$/) } },
      },
      several: [
        {
          assets: {
            frames: { kind: 'sequence', frames: [1, 2], files: { 1: expect.stringMatching(/0001\.png$/) } },
          },
        },
        { name: '@test/all' },
      ],
    },
  });
  expect(result.provenance).toMatchObject({
    inputs: [{ slot: 'one', name: '@test/all', assets: { file: expect.stringMatching(/^sha256:/) } }, {}, {}],
  });
});

test('steps follow each other, points run side by side, and the whole is one progress', async () => {
  await using bench = await makeBench();
  const after = {
    name: 'after',
    dependencies: [{ dependsOn: 'work' }],
    script: { actions: { onRun: { command: 'sh', args: ['-c', 'echo after'] } } },
  };
  const ticket = await bench.ticketFor({
    job: shellJob('echo begin {{Task.Param.n}}; sleep 0.3; echo "openjd_progress: 50"; echo end', {
      space: { taskParameterDefinitions: [{ name: 'n', type: 'INT', range: '1-4' }] },
      steps: [after],
    }),
  });
  const { result, texts, log } = await bench.run(ticket);
  expect(result.state).toBe('succeeded');
  expect(texts.slice(0, 2).toSorted()).toEqual(['begin 1', 'begin 2']);
  expect(texts.filter((text) => text.startsWith('begin')).toSorted()).toEqual(
    [1, 2, 3, 4].map((n) => `begin ${n}`),
  );
  expect(texts.at(-1)).toBe('after');
  const progress = log.flatMap((line) => (typeof line['progress'] === 'number' ? [line['progress']] : []));
  expect(progress.length).toBeGreaterThan(1);
  expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  expect(new Set(log.flatMap(({ chunk }) => (typeof chunk === 'number' ? [chunk] : [])))).toEqual(
    new Set([0, 1]),
  );
});

test('environments of the job and of the step are entered once a session and left again', async () => {
  await using bench = await makeBench();
  const job = shellJob('echo "task sees $GREETING"', {
    space: { taskParameterDefinitions: [{ name: 'n', type: 'INT', range: '1-2' }] },
  });
  const echo = (text: string) => ({ command: 'sh', args: ['-c', `echo ${text}`] });
  const environment = {
    name: 'E',
    script: { actions: { onEnter: echo('openjd_env: GREETING=hello'), onExit: echo('bye') } },
  };
  const ticket = await bench.ticketFor({ job: { ...job, jobEnvironments: [environment] } });
  const { texts } = await bench.run(ticket, { config: { concurrency: 1 } });
  expect(texts).toEqual(['openjd_env: GREETING=hello', 'task sees hello', 'task sees hello', 'bye']);
});

test('a template with expressions runs: let of a step, lists as arguments, an environment that wraps', async () => {
  await using bench = await makeBench();
  const wrap = {
    command: 'sh',
    args: ['-c', 'echo wrapped; exec "$0" "$@"', '{{WrappedAction.Command}}', '{{WrappedAction.Args}}'],
  };
  const ticket = await bench.ticketFor({
    job: {
      ...shellJob(''),
      extensions: ['EXPR', 'WRAP_ACTIONS'],
      jobEnvironments: [
        {
          name: 'W',
          script: { actions: { onWrapEnvEnter: wrap, onWrapTaskRun: wrap, onWrapEnvExit: wrap } },
        },
      ],
      steps: [
        {
          name: 'work',
          let: ['words = ["one", "two words"]'],
          stepEnvironments: [{ name: 'E', variables: { COUNT: '{{ len(words) }}' } }],
          script: {
            actions: { onRun: { command: 'sh', args: ['-c', 'echo "$COUNT: $0, $1"', '{{ words }}'] } },
          },
        },
      ],
    },
  });
  const { texts } = await bench.run(ticket);
  expect(texts).toEqual(['wrapped', '2: one, two words']);
});

test('parameters reach a program as they are, whatever a shell would make of them', async () => {
  await using bench = await makeBench();
  const nasty = '$(touch /tmp/pipl-canary) "; \n \' `id`';
  const ticket = await bench.ticketFor({
    job: {
      ...shellJob(''),
      parameterDefinitions: [{ name: 'text', type: 'STRING' }],
      steps: [
        {
          name: 'print',
          script: {
            actions: {
              onRun: { command: 'node', args: ['-p', 'JSON.stringify(process.argv[1])', '{{Param.text}}'] },
            },
          },
        },
      ],
    },
    field: { parameters: { text: nasty } },
  });
  const { texts } = await bench.run(ticket);
  expect(JSON.parse(texts[0]!)).toBe(nasty);
  await expect(stat('/tmp/pipl-canary')).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a run for QA makes everything and publishes nothing', async () => {
  await using bench = await makeBench();
  const ticket = await bench.ticketFor(
    {
      job: shellJob('echo x > "{{Param.Out_note}}/text/n"', { parameters: [path('Out_note')] }),
      field: { products: { note: '@test/note' }, makes: { note } },
    },
    { purpose: 'qa' },
  );
  const { result } = await bench.run(ticket);
  expect(result).toMatchObject({
    state: 'succeeded',
    provenance: { products: { '@test/note': { text: expect.any(String) } } },
  });
  expect(await bench.registry.row(ticket.index, '@test/note', '1.0.0')).toBeUndefined();
});

test('the job finds our own Node first, and a small environment', async () => {
  process.env['PIPL_TEST_SECRET'] = 'of the runner';
  try {
    await using bench = await makeBench();
    const ticket = await bench.ticketFor({ job: shellJob('command -v node; env') });
    const { texts } = await bench.run(ticket);
    expect(texts[0]).toBe(process.execPath);
    const names = texts.slice(1).flatMap((line) => /^(\w+)=/.exec(line)?.[1] ?? []);
    expect(names).toEqual(expect.arrayContaining(['PATH', 'PIPL_CONTEXT', 'PIPL_ATTEMPT']));
    const known = /^(PATH|PWD|OLDPWD|SHLVL|_|HOME|USER|LOGNAME|LANG|LC_\w+|TZ|TMPDIR|PIPL_\w+|OPENJD_\w+)$/;
    expect(names.filter((name) => !known.test(name) || name === 'PIPL_TEST_SECRET')).toEqual([]);
  } finally {
    delete process.env['PIPL_TEST_SECRET'];
  }
});

test('the same folder is run once: a second runner keeps its hands off', async () => {
  await using bench = await makeBench();
  const ticket = await bench.ticketFor({ job: shellJob('echo once; sleep 0.2') });
  const { folder } = await bench.place(ticket);
  const { runTicket } = await import('../src/run.ts');
  const events: string[] = [];
  const again = () =>
    runTicket({
      folder,
      config: bench.config,
      cancel: new AbortController().signal,
      onEvent: ({ event }) => events.push(event),
    });
  const [first, second] = await Promise.all([again(), again()]);
  expect([first?.state, second]).toEqual(['succeeded', undefined]);
  expect(events).toContain('taken');
  expect(await readFile(join(folder, 'log.ndjson'), 'utf8')).toMatch(/once/);
});

test('a task that asks for what it made last finds an empty folder first, then the product', async () => {
  await using bench = await makeBench();
  const parameters = [path('Out_log'), path('Previous_log')];
  const script = `cat "{{Param.Previous_log}}"/text/*.txt > "{{Param.Out_log}}/text/log.txt" 2>/dev/null || true
     echo line >> "{{Param.Out_log}}/text/log.txt"
     cat "$PIPL_CONTEXT"; echo`;
  const log = { ...note, type: '@test/code/products#Log' };
  const field = { products: { log: '@test/log' }, previous: ['log'], makes: { log } };
  const first = await bench.ticketFor({ job: shellJob(script, { parameters }), field }, { previous: [] });
  const { result } = await bench.run(first);
  expect(result).toMatchObject({ state: 'succeeded', provenance: { inputs: [] } });
  expect(result.provenance).not.toHaveProperty('previous');

  const row = (await bench.registry.row(first.index, '@test/log', '1.0.0'))!;
  const previous = [{ slot: 'log', name: '@test/log', version: '1.0.0', integrity: row.integrity }];
  const second = {
    ...first,
    runKey: 'second',
    attempt: 'second.1',
    previous,
    products: [{ slot: 'log', name: '@test/log', version: '1.1.0' }],
  };
  const { result: after } = await bench.run(second);
  expect(after).toMatchObject({
    state: 'succeeded',
    provenance: { previous: [{ slot: 'log', name: '@test/log', version: '1.0.0' }] },
  });
  const made = await bench.registry.row(first.index, '@test/log', '1.1.0');
  expect(made?.manifest.pipl).toMatchObject({
    assets: { text: { size: 10 } },
    made: { inputs: { '@test/log': '1.0.0' } },
  });
});
