/** Handlers at work on a real server: checks run by themselves, and what they find opens gates, or keeps them shut. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Handler } from '@pipl/packl';
import { eventually } from './generated-project.ts';
import { processed, proj, stage, staged, tellTheStory, tool } from './staged.ts';

test(
  'a packl whose check passes is promoted by itself; one whose check fails stays, with its report',
  { timeout: 540_000 },
  async () => {
    await using scene = await staged({ gate: { checks: true } });
    const { alice } = scene;
    const checks = { works: ['node', 'index.js'] };
    await scene.write('tool', tool('1.0.0', checks));
    await scene.publish('tool');
    const good = await scene.handled('@gen/tool', '1.0.0');
    expect(good).toMatchObject({
      state: 'promoted',
      promoteTo: proj,
      checks: [
        { check: 'installs', passed: true },
        { check: 'works', of: '@gen/tool@1.0.0', passed: true },
      ],
    });
    expect(await scene.versions('@gen/tool')).toEqual(['1.0.0']);

    await scene.write('tool', tool('1.0.1', checks, 'console.log("all is lost");\nprocess.exit(3);\n'));
    await scene.publish('tool');
    const bad = await scene.handled('@gen/tool', '1.0.1');
    expect(bad).toMatchObject({ state: 'failed', reason: expect.stringContaining('works') });
    expect(bad.checks[1]).toMatchObject({ check: 'works', passed: false, log: ['all is lost'] });
    expect(await scene.versions('@gen/tool')).toEqual(['1.0.0']);
    const verdicts = await alice.verdicts(stage, { name: '@gen/tool', version: '1.0.1' });
    expect(verdicts.map(({ verdict }) => verdict)).toMatchObject([
      { check: 'qa', result: 'failed', handler: 'qa', run: bad.runs[0] },
      { check: 'qa/works', result: 'failed' },
    ]);
  },
);

test(
  'published to a stage, checked, approved over a kill of the server, promoted, processed',
  { timeout: 540_000 },
  async () => expect(await tellTheStory()).toEqual(processed),
);

test(
  'a task is tried as it stands: its job, the checks of its type, its own; nothing of it is published',
  { timeout: 540_000 },
  async () => {
    await using scene = await staged();
    const { production, alice, root } = scene;
    await production.publishSeed('1.0.0', 'one');
    await production.run('a', ['succeeded']);
    const before = (await root.rows(proj, '@gen/a-note')).rows.length;
    const manifest = {
      name: '@gen/checked',
      version: '1.0.0',
      type: 'module',
      dependencies: { '@gen/pipeline': '^1.0.0', '@gen/seed': '^1.0.0' },
      peerDependencies: { '@pipl/pipe': '^1.0.0' },
      scripts: { look: 'grep -q checked "$PIPL_OUTPUT_note"/text/* && echo seen' },
      pipl: {
        kind: 'task',
        type: '@gen/pipeline#Checked',
        inputs: { notes: ['@gen/seed'] },
        products: { note: '@gen/checked-note' },
        checks: { look: { script: 'look', timeout: 60 } },
      },
    };
    const source = await readFile(join(production.folder('pipeline'), 'index.js'), 'utf8');
    const checked = `${source}export const Checked = Object.assign(Join.check('has a text', ({ outputs }) => {
    if (readFileSync(outputs.note.text.path, 'utf8').includes('two')) throw new Error('it says two');
  }), { name: 'Checked' });\n`;
    const pipeline = JSON.parse(await readFile(join(production.folder('pipeline'), 'package.json'), 'utf8'));
    pipeline.pipl.taskTypes.Checked = '.#Checked';
    await scene.write('pipeline', { 'index.js': checked, 'package.json': { ...pipeline, version: '1.1.0' } });
    await production.publishFolders(['pipeline']);
    await scene.write('checked', { 'package.json': manifest });
    await scene.publish('checked');
    const good = await scene.handled('@gen/checked', '1.0.0');
    expect([good.state, good.checks.map(({ check, passed }) => `${check} ${passed}`)]).toEqual([
      'promoted',
      ['runs true', 'has a text true', 'look true'],
    ]);
    expect((await alice.rows(stage, '@gen/checked-note')).rows).toEqual([]);

    // What would break a task downstream is not let in, and says which check of whom.
    await production.run('checked', ['succeeded', 'unchanged']);
    await production.writeSeed('1.1.0', 'two');
    await scene.publish('seed');
    const bad = await scene.handled('@gen/seed', '1.1.0');
    expect(bad).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('has a text of @gen/checked@1.0.0'),
    });
    expect(bad.checks).toContainEqual(
      expect.objectContaining({
        check: 'has a text',
        passed: false,
        message: expect.stringContaining('it says two'),
      }),
    );
    expect(await scene.versions('@gen/seed')).toEqual(['1.0.0']);
    expect((await root.rows(proj, '@gen/a-note')).rows).toHaveLength(before);
  },
);

test(
  'a command, a job and a function of a packl run for what they listen to, with the change as data',
  { timeout: 540_000 },
  async () => {
    const command = [
      'node',
      '-e',
      'require("fs").writeFileSync(process.argv[1], process.argv.slice(2).join(" "))',
    ];
    await using scene = await staged({ handlers: [] });
    const { production, root, alice } = scene;
    const told = (name: string) => join(production.path, `${name}.txt`);
    await scene.write('hooks', {
      'package.json': {
        name: '@gen/hooks',
        version: '1.0.0',
        type: 'module',
        exports: { './tell': './tell.js' },
        pipl: { kind: 'code' },
      },
      'tell.js': `import { writeFileSync } from 'node:fs';
export const onPublish = ({ change, options, inputs }) =>
  writeFileSync(options.file, change.op + ' ' + change.name + ' ' + Object.keys(inputs.subject.assets));\n`,
      'tell.yaml': `specificationVersion: jobtemplate-2023-09
name: tell
parameterDefinitions: [{ name: What, type: STRING }, { name: File, type: STRING }]
steps: [{ name: tell, script: { actions: { onRun: { command: sh, args: [-c, 'echo "$0" > "$1"', '{{Param.What}}', '{{Param.File}}'] } } } }]
`,
    });
    await production.publishFolders(['hooks']);
    await mkdir(join(production.project.path, 'templates'));
    const only = { kinds: ['product' as const] };
    for (const handler of [
      {
        kind: 'command',
        filter: only,
        command: [...command, told('command'), '{name}', '$(id) {version}', '{op}'],
      },
      {
        kind: 'job',
        filter: only,
        template: '@gen/hooks/tell.yaml',
        parameters: { What: '{name}@{version} by {by}', File: told('job') },
      },
      {
        kind: 'module',
        filter: only,
        module: '@gen/hooks/tell#onPublish',
        options: { file: told('module') },
      },
      { kind: 'job', name: 'folder', filter: only, template: './templates' },
      { kind: 'job', name: 'nowhere', filter: only, template: './nowhere.yaml' },
      { kind: 'command', name: 'never', filter: { names: ['@other/*'] }, command: ['false'] },
      { kind: 'command', name: 'breaks', filter: only, retries: 1, command: ['false'] },
    ] as Handler[]) {
      await root.addHandler(stage, handler);
    }
    await production.writeSeed('1.0.0', 'one');
    await scene.publish('seed');
    const all = await eventually(async () => {
      const seen = await alice.handlings({ name: '@gen/seed' });
      return seen.every(({ state }) => state === 'done' || state === 'dead') && seen.length === 6
        ? seen
        : undefined;
    }, 30);
    expect(all.map(({ handler, state, reason }) => `${handler} ${state} ${reason ?? ''}`).toSorted()).toEqual(
      [
        expect.stringMatching(/^breaks dead .*exit code 1/),
        'command done ',
        expect.stringMatching(/^folder dead The project's file \.\/templates cannot be read: EISDIR/),
        'job done ',
        'module done ',
        'nowhere dead The project has no file ./nowhere.yaml.',
      ],
    );
    const { lines: why } = await alice.why({ subject: '@gen/seed@1.0.0' });
    expect(why.join('\n')).toMatch(/folder of alice\/stage took .*\.\/templates cannot be read: EISDIR/);
    expect(await readFile(told('command'), 'utf8')).toBe('@gen/seed $(id) 1.0.0 publish');
    expect(await readFile(told('job'), 'utf8')).toBe('@gen/seed@1.0.0 by alice\n');
    expect(await readFile(told('module'), 'utf8')).toBe('publish @gen/seed text');
    const breaks = await alice.runs({ task: '@gen/seed' });
    expect(breaks.filter(({ handler }) => handler === 'breaks').map(({ state }) => state)).toEqual([
      'failed',
      'failed',
    ]);
    expect(breaks.find(({ handler }) => handler === 'job')).toMatchObject({
      purpose: 'job',
      state: 'succeeded',
    });
    const lines = (await alice.runLog(breaks.find(({ handler }) => handler === 'breaks')!.attempt)).text;
    expect(lines).toContain('exit code 1');
    await expect(alice.addHandler(stage, { kind: 'qa' })).rejects.toMatchObject({ code: 'PIPL_DENIED' });

    // Given up until somebody has it tried again; stopped when somebody stops it.
    const { id } = all.find(({ handler }) => handler === 'breaks')!;
    await root.addHandler(stage, { kind: 'command', name: 'breaks', command: ['sleep', '600'] });
    await alice.retryHandling(id);
    await scene.handled('@gen/seed', '1.0.0', ['dead']);
    await root.removeHandler(stage, 'never');
    const trial = await alice.testHandler(stage, { handler: 'breaks', name: '@gen/seed', version: '1.0.0' });
    const attempt = trial.runs[0]!;
    await eventually(async () => ((await alice.run(attempt)).state === 'running' ? true : undefined));
    expect((await alice.why({ subject: attempt })).lines).toEqual([
      expect.stringMatching(/^breaks of alice\/stage took @gen\/seed@1\.0\.0 up .*under way\.$/),
    ]);
    await alice.cancelRun(attempt);
    expect(await alice.handling(trial.id)).toMatchObject({ state: 'canceled', trial: true });
    expect((await root.handlers()).map(({ name }) => name)).toEqual([
      'process',
      'command',
      'job',
      'module',
      'folder',
      'nowhere',
      'breaks',
    ]);
  },
);
