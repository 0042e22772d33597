import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { mapPath, readRulesFile, sortedRules } from '../src/index.ts';
import { makeDefaultRoot } from '../src/working-directory.ts';
import { action, startSession, task } from './session-fixture.ts';

test('embedded files may refer to each other, and have the modes they need', async () => {
  await using heard = startSession({ jobParameterValues: { P: { type: 'STRING', value: 'v' } } });
  await heard.session.runTask({
    stepScript: {
      actions: { onRun: { command: '{{Task.File.Run}}', args: ['{{Param.P}}'] } },
      embeddedFiles: [
        {
          name: 'Run',
          type: 'TEXT',
          filename: 'my.sh',
          runnable: true,
          data: '#!/bin/sh\necho $(basename $0) $1 $(cat {{Task.File.A}})\nstat -c %a $0 {{Task.File.A}}\n',
        },
        { name: 'A', type: 'TEXT', data: 'content of {{Param.P}}\n' },
      ],
    },
    taskParameterValues: {},
  });
  expect(heard.output()).toEqual(['my.sh v content of v', '700', '600']);
});

test('the next task gets its own files', async () => {
  await using heard = startSession();
  for (const word of ['one', 'two']) {
    await heard.session.runTask(
      task('sh {{Task.File.F}}', {}, [{ name: 'F', type: 'TEXT', filename: 'f.sh', data: `echo ${word}` }]),
    );
  }
  expect(heard.output()).toEqual(['one', 'two']);
  expect(readdirSync(heard.session.filesDirectory)).toEqual(['f.sh']);
});

test("an environment's files stay where they are until it is left", async () => {
  await using heard = startSession();
  const { session } = heard;
  const { identifier } = await session.enterEnvironment({
    environment: {
      name: 'E',
      script: {
        actions: {
          onEnter: action('echo {{Env.File.F}}; cat {{Env.File.F}}'),
          onExit: action('echo {{Env.File.F}}; cat {{Env.File.F}}'),
        },
        embeddedFiles: [{ name: 'F', type: 'TEXT', filename: 'f', data: 'environment\n' }],
      },
    },
  });
  await session.runTask(
    task('cat {{Task.File.F}}', {}, [{ name: 'F', type: 'TEXT', filename: 'f', data: 'task\n' }]),
  );
  await session.exitEnvironment({ identifier });
  const [path] = heard.output();
  expect(heard.output()).toEqual([path, 'environment', 'task', path, 'environment']);
});

test('line ends are as the file asks for', async () => {
  await using heard = startSession();
  await heard.session.runTask(
    task('od -An -c {{Task.File.A}}; od -An -c {{Task.File.B}}; od -An -c {{Task.File.C}}', {}, [
      { name: 'A', type: 'TEXT', data: 'a\nb\r\n', endOfLine: 'CRLF' },
      { name: 'B', type: 'TEXT', data: 'a\nb\r\n', endOfLine: 'LF' },
      { name: 'C', type: 'TEXT', data: 'a\nb\r\n' },
    ]),
  );
  expect(heard.output().map((line) => line.trim().replaceAll(/ +/g, ' '))).toEqual([
    'a \\r \\n b \\r \\n',
    'a \\n b \\n',
    'a \\n b \\r \\n',
  ]);
});

test.each(['../x', '/etc/x', 'a/b', '..', '.', '', 'a\\b', 'a\0'])(
  'the file name %j never leaves the session',
  async (filename) => {
    await using heard = startSession();
    const status = await heard.session.runTask(
      task('true', {}, [{ name: 'F', type: 'TEXT', filename, data: '' }]),
    );
    expect(status).toMatchObject({
      state: 'FAILED',
      failMessage: expect.stringContaining('cannot be named'),
    });
  },
);

test('a link that a job laid in the way is replaced, not followed', async () => {
  await using heard = startSession();
  const { session, root } = heard;
  const victim = join(root, 'victim');
  await session.runTask(
    task(`ln -s ${victim} {{Task.File.F}}.x; mv {{Task.File.F}}.x {{Task.File.F}}`, {}, [
      { name: 'F', type: 'TEXT', filename: 'f', data: '' },
    ]),
  );
  await session.runTask(task('true', {}, [{ name: 'F', type: 'TEXT', filename: 'f', data: 'x' }]));
  expect(existsSync(victim)).toBe(false);
});

test('an unknown name in a format string fails the action before it starts', async () => {
  await using heard = startSession();
  const status = await heard.session.runTask(task('echo {{Param.Absent}}'));
  expect(status).toMatchObject({ state: 'FAILED', failMessage: expect.stringContaining('Param.Absent') });
  expect(heard.output()).toEqual([]);
});

test('PATH parameters are mapped, raw ones are not, and the rules file says how', async () => {
  await using heard = startSession({
    jobParameterValues: {
      A: { type: 'PATH', value: '/mnt/src/x' },
      S: { type: 'STRING', value: '/mnt/src/x' },
    },
    pathMappingRules: [{ sourcePathFormat: 'POSIX', sourcePath: '/mnt/src', destinationPath: '/dst' }],
  });
  await heard.session.runTask({
    ...task(
      'echo {{Param.A}} {{RawParam.A}} {{Param.S}} {{Task.Param.T}} {{Task.RawParam.T}} {{Session.HasPathMappingRules}}; cat {{Session.PathMappingRulesFile}}',
    ),
    taskParameterValues: { T: { type: 'PATH', value: '/mnt/src/t' } },
  });
  expect(heard.output()[0]).toBe('/dst/x /mnt/src/x /mnt/src/x /dst/t /mnt/src/t true');
  expect(JSON.parse(heard.output()[1] ?? '')).toEqual({
    version: 'pathmapping-1.0',
    path_mapping_rules: [{ source_path_format: 'POSIX', source_path: '/mnt/src', destination_path: '/dst' }],
  });
});

test('without rules the file is empty', async () => {
  await using heard = startSession();
  await heard.session.runTask(
    task('echo {{Session.HasPathMappingRules}}; cat {{Session.PathMappingRulesFile}}'),
  );
  expect(heard.output()).toEqual(['false', '{}']);
});

test.each([
  ['POSIX', '/a', '/a/x', '/d/x'],
  ['POSIX', '/a', '/a', '/d'],
  ['POSIX', '/a/', '/a/x/', '/d/x/'],
  ['POSIX', '/a', '/ab/x', '/ab/x'],
  ['POSIX', '/', '/x', '/d/x'],
  ['POSIX', '/A', '/a/x', '/a/x'],
  ['WINDOWS', 'C:\\Src', 'c:/src\\x\\y', '/d/x/y'],
  ['WINDOWS', 'C:\\Src', 'C:\\Srcx', 'C:\\Srcx'],
  ['WINDOWS', '\\\\srv\\share', '//SRV/share/x', '/d/x'],
  ['URI', 's3://b/k', 's3://b/k/x', '/d/x'],
  ['URI', 's3://b/k', 's3://b/kx', 's3://b/kx'],
] as const)('%s %s maps %s to %s', (sourcePathFormat, sourcePath, path, mapped) => {
  expect(mapPath(path, [{ sourcePathFormat, sourcePath, destinationPath: '/d' }])).toBe(mapped);
});

test('the longest source wins', () => {
  const rule = (sourcePath: string, destinationPath: string) => ({
    sourcePathFormat: 'POSIX' as const,
    sourcePath,
    destinationPath,
  });
  expect(mapPath('/a/b/y', sortedRules([rule('/a', '/one'), rule('/a/b', '/two')]))).toBe('/two/y');
});

test('a rules file is read as it is written, and a wrong one is refused by name', () => {
  const file = {
    version: 'pathmapping-1.0',
    path_mapping_rules: [{ source_path_format: 'POSIX', source_path: '/a', destination_path: '/b' }],
  };
  expect(readRulesFile(file)).toEqual([
    { sourcePathFormat: 'POSIX', sourcePath: '/a', destinationPath: '/b' },
  ]);
  expect(readRulesFile({})).toEqual([]);
  expect(() => readRulesFile({ version: 'pathmapping-1.0', path_mapping_rules: [{}] })).toThrow(
    expect.objectContaining({ why: expect.stringContaining('path_mapping_rules[0].source_path_format') }),
  );
});

test('the folders of a session are private, and gone with it unless retained', async () => {
  const kept = startSession({ retainWorkingDir: true });
  const { workingDirectory, filesDirectory } = kept.session;
  expect(statSync(workingDirectory).mode & 0o777).toBe(0o700);
  expect(statSync(filesDirectory).mode & 0o777).toBe(0o700);
  await kept.session.runTask(task('echo x >made'));
  await kept.session.cleanup();
  expect(readFileSync(join(workingDirectory, 'made'), 'utf8')).toBe('x\n');
  expect(readdirSync(workingDirectory).filter((name) => name.startsWith('.'))).toEqual([]);
  await kept[Symbol.asyncDispose]();
});

test.each(['a/b', '..', '', '.hidden'])('the session id %j is refused', (sessionId) => {
  expect(() => startSession({ sessionId })).toThrow(
    expect.objectContaining({ code: 'OPENJD_SESSION_VALUE' }),
  );
});

test('a shared root that others could tamper with is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'root-test'));
  const [good, linked, open] = ['good', 'linked', 'open'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  expect(statSync(makeDefaultRoot(good)).mode & 0o777).toBe(0o755);
  symlinkSync(good, linked);
  mkdirSync(open);
  chmodSync(open, 0o777);
  expect(() => makeDefaultRoot(linked)).toThrow(
    expect.objectContaining({ why: expect.stringContaining('link') }),
  );
  expect(() => makeDefaultRoot(open)).toThrow(
    expect.objectContaining({ why: 'Other users may write to it.' }),
  );
  rmSync(folder, { recursive: true });
});
