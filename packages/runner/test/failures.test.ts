import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { withPatience } from '../src/patience.ts';
import { piplError } from '@pipl/packl';
import { makeBench, path, shellJob } from './bench.ts';

const note = { type: '@test/code/products#Note', assets: { text: { type: 'Text', kind: 'file' as const } } };
const makesNote = { products: { note: '@test/note' }, makes: { note } };
const outNote = { parameters: [path('Out_note')] };

test('an action that fails names the step, its exit code and its last words, and nothing is published', async () => {
  await using bench = await makeBench();
  const ticket = await bench.ticketFor({
    job: shellJob(
      'echo x > "{{Param.Out_note}}/text/n"; echo reading the scene; echo "no camera" >&2; exit 3',
      outNote,
    ),
    field: makesNote,
  });
  const { result, texts } = await bench.run(ticket);
  expect(result).toMatchObject({
    state: 'failed',
    reason: 'The step work failed: exit code 3. no camera',
    error: { code: 'PIPL_ACTION_FAILED', kind: 'taskFailed', problems: ['reading the scene', 'no camera'] },
  });
  expect(texts).toContain('The step work failed: exit code 3. no camera');
  expect(await bench.registry.row(ticket.index, '@test/note', '1.0.0')).toBeUndefined();
});

test('openjd_fail is the reason, and a failed point names itself and stops the others', async () => {
  await using bench = await makeBench();
  const ticket = await bench.ticketFor({
    job: shellJob('[ {{Task.Param.n}} -ne 2 ] || { echo "openjd_fail: bad frame"; exit 1; }; exec sleep 60', {
      space: { taskParameterDefinitions: [{ name: 'n', type: 'INT', range: '1-9' }] },
    }),
  });
  const { result } = await bench.run(ticket);
  expect(result).toMatchObject({
    state: 'failed',
    reason: 'The step work (n=2) failed: exit code 1. bad frame',
  });
  // The other points sleep for sixty.
  expect(result.timings['ended']).toBeLessThan(45_000);
});

test('an output that was not written fails the run', async () => {
  await using bench = await makeBench();
  const ticket = await bench.ticketFor({ job: shellJob('true', outNote), field: makesNote });
  const { result } = await bench.run(ticket);
  expect(result).toMatchObject({
    state: 'failed',
    error: {
      code: 'PIPL_OUTPUT_MISSING',
      message: 'The output note.text is missing: it must be exactly one file.',
    },
  });
});

test('a failing check fails the run before anything is published', async () => {
  await using bench = await makeBench();
  const check = {
    name: 'pipl checks',
    dependencies: [{ dependsOn: 'work' }],
    script: { actions: { onRun: { command: 'pipl-step', args: ['check', '@test/code/tasks#Shell'] } } },
  };
  const ticket = await bench.ticketFor({
    job: {
      ...shellJob('echo x > "{{Param.Out_note}}/text/n"', { ...outNote, steps: [check] }),
      // Stands in for the bin of @pipl/pipe: what counts is how the run ends.
      jobEnvironments: [
        { name: 'bin', variables: { PATH: join(import.meta.dirname, 'bin') + ':/usr/bin:/bin' } },
      ],
    },
    field: makesNote,
  });
  const { result } = await bench.run(ticket);
  expect(result).toMatchObject({
    state: 'failed',
    error: { code: 'PIPL_CHECK_FAILED', why: 'check "every frame is there" failed' },
  });
  expect(await bench.registry.row(ticket.index, '@test/note', '1.0.0')).toBeUndefined();
});

test.for([
  ['no file of that name', { job: './nothing.json' }, 'PIPL_JOB_FILE'],
  ['a file outside the packl', { job: '../../../etc/passwd' }, 'PIPL_JOB_FILE'],
  ['a parameter that the job does not have', { parameters: { widht: 3 } }, 'PIPL_JOB'],
  ['a slot that the task does not describe', { products: { other: '@test/other' } }, 'PIPL_NO_SLOT'],
  ['a slot that climbs', { inputs: { '../x': '@test/x' } }, 'PIPL_NAME'],
] as const)('%s fails the run with a reason', async ([, field, code]) => {
  await using bench = await makeBench();
  const ticket = await bench.ticketFor({ job: shellJob('true'), field: field as never });
  const { result } = await bench.run(ticket);
  expect(result).toMatchObject({ state: 'failed', error: { code, hint: expect.any(String) } });
});

test('a run that takes too long is stopped with all it started', async () => {
  await using bench = await makeBench();
  const ticket = await bench.ticketFor(
    { job: shellJob('echo $$; setsid sh -c "echo \\$\\$; exec sleep 60" & wait') },
    { timeout: 1 },
  );
  const { result, texts } = await bench.run(ticket);
  expect(result).toMatchObject({ state: 'failed', error: { code: 'PIPL_RUN_TIMEOUT' } });
  const pids = texts.filter((text) => /^\d+$/.test(text));
  expect(pids).toHaveLength(2);
  // One whose parent is gone may stay as a zombie where nobody collects it.
  for (const pid of pids) {
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') gone');
    expect(state).toMatch(/\) (?:gone|Z)/);
  }
});

test('a cancelled run ends canceled, and its environments are left', async () => {
  await using bench = await makeBench();
  const echo = (text: string) => ({ command: 'sh', args: ['-c', `echo ${text}`] });
  const ticket = await bench.ticketFor({
    job: {
      ...shellJob('exec sleep 60'),
      jobEnvironments: [{ name: 'E', script: { actions: { onEnter: echo('hello'), onExit: echo('bye') } } }],
    },
  });
  const stop = new AbortController();
  const running = bench.run(ticket, { cancel: stop.signal });
  const log = join(bench.runsDir, ticket.attempt, 'log.ndjson');
  while (!(await readFile(log, 'utf8').catch(() => '')).includes('hello')) await sleep(10);
  stop.abort();
  const { result, texts } = await running;
  expect(result.state).toBe('canceled');
  expect(texts).toContain('bye');
});

test('a registry that is away is waited for; when it stays away the run is lost', async () => {
  const away = () => Promise.reject(piplError('unreachable', 'PIPL_SERVER_UNREACHABLE', { what: 'away' }));
  const { signal } = new AbortController();
  let asked = 0;
  const back = () => (++asked < 3 ? away() : Promise.resolve('back'));
  expect(await withPatience<string>(back, { signal })).toBe('back');
  await expect(withPatience(away, { signal, limit: 250 })).rejects.toMatchObject({ kind: 'unreachable' });
  const stop = new AbortController();
  const waiting = withPatience(away, {
    signal: stop.signal,
    onPause: () => stop.abort(new Error('canceled')),
  });
  await expect(waiting).rejects.toThrow('canceled');
});

test('a server that is killed whenever it starts is no server that stays away', async () => {
  const starting = piplError('unreachable', 'PIPL_SERVER_STARTING', { what: 'The server is starting.' });
  let asked = 0;
  const atLast = () => (++asked < 6 ? Promise.reject(starting) : Promise.resolve('up'));
  const { signal } = new AbortController();
  expect(await withPatience<string>(atLast, { signal, limit: 250 })).toBe('up');
});

test('the registry comes back while the run waits to publish: published once, in the name of the attempt', async () => {
  await using bench = await makeBench();
  const ticket = await bench.ticketFor({
    job: shellJob('echo x > "{{Param.Out_note}}/text/n"', outNote),
    field: makesNote,
  });
  const { folder } = await bench.place(ticket);
  let refused = 0;
  const gate = createServer((socket) => {
    refused += 1;
    socket.destroy();
    // From the fourth connection on the real one answers at this address.
    if (refused === 4) gate.close();
  });
  await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve));
  const { writeFile } = await import('node:fs/promises');
  const access = JSON.parse(await readFile(join(folder, 'access.json'), 'utf8')) as { token: string };
  const { port } = gate.address() as { port: number };
  const { createServer: createHttp, request } = await import('node:http');
  const relay = createHttp((from, to) => {
    const url = new URL(from.url!, bench.registry.url);
    from.pipe(
      request(url, { method: from.method, headers: from.headers }, (answer) =>
        answer.pipe(to.writeHead(answer.statusCode!, answer.headers)),
      ),
    );
  });
  gate.on('close', () => relay.listen(port, '127.0.0.1'));
  await writeFile(
    join(folder, 'access.json'),
    JSON.stringify({ ...access, registry: `http://127.0.0.1:${port}` }),
  );
  const { runTicket } = await import('../src/run.ts');
  const result = await runTicket({
    folder,
    config: bench.config,
    cancel: new AbortController().signal,
    onEvent: () => undefined,
  });
  relay.close();
  expect(refused).toBe(4);
  expect(result).toMatchObject({ state: 'succeeded', outcome: { published: [{ name: '@test/note' }] } });
});

test('a token that was taken back loses the run', async () => {
  await using bench = await makeBench();
  const ticket = await bench.ticketFor({
    job: shellJob('echo x > "{{Param.Out_note}}/text/n"', outNote),
    field: makesNote,
  });
  const { folder } = await bench.place(ticket);
  await bench.registry.revokeRunTokens(ticket.attempt);
  const { runTicket } = await import('../src/run.ts');
  const end = { cancel: new AbortController().signal, onEvent: () => undefined };
  expect(await runTicket({ folder, config: bench.config, ...end })).toMatchObject({
    state: 'lost',
    error: { kind: 'auth' },
  });
});

test.for(['ticket.json', 'access.json'])('a %s that a power cut has torn loses the run', async (file) => {
  await using bench = await makeBench();
  const { folder } = await bench.place(await bench.ticketFor({ job: shellJob('true') }));
  const { truncate } = await import('node:fs/promises');
  await truncate(join(folder, file), 7);
  const { runTicket } = await import('../src/run.ts');
  const end = { cancel: new AbortController().signal, onEvent: () => undefined };
  expect(await runTicket({ folder, config: bench.config, ...end })).toMatchObject({
    state: 'lost',
    error: { code: 'PIPL_TICKET_TORN' },
  });
});

test('a flood is cut off with a note, and costs neither memory nor disk', async () => {
  await using bench = await makeBench();
  const ticket = await bench.ticketFor({
    job: shellJob('yes "a line that goes on and on, for ever" | head -c 40000000'),
  });
  const { result, texts, folder } = await bench.run(ticket);
  expect(result.state).toBe('succeeded');
  expect(texts.filter((text) => text.startsWith('The log is full'))).toHaveLength(1);
  const { stat } = await import('node:fs/promises');
  expect((await stat(join(folder, 'log.ndjson'))).size).toBeLessThan(18 * 1024 * 1024);
});

test('a job does not find the token: not in files, environments or command lines of its own, and not in the log', async () => {
  await using bench = await makeBench();
  const script = `
    run=$(dirname "$(dirname "$PIPL_CONTEXT")")
    echo "files: $(ls -A "$run" | tr '\\n' ' ')"
    cat "$run"/*.json "$run"/.[a-z]* "$PIPL_CONTEXT" 2>/dev/null | grep -c 'pipl_[0-9a-f]*[.]' || true
    pid=$$
    while [ "$pid" -gt 1 ]; do
      tr '\\0' '\\n' < /proc/$pid/environ 2>/dev/null | grep -c 'pipl_[0-9a-f]*[.]' || true
      tr '\\0' '\\n' < /proc/$pid/cmdline | grep -c 'pipl_[0-9a-f]*[.]' || true
      pid=$(sed 's/.*) //' /proc/$pid/stat | cut -d' ' -f2)
    done`;
  const ticket = await bench.ticketFor({ job: shellJob(script) });
  const { texts, token } = await bench.run(ticket);
  expect(texts[0]).not.toContain('access.json');
  expect(texts.length).toBeGreaterThan(4);
  expect(new Set(texts.slice(1))).toEqual(new Set(['0']));
  expect(texts.join('\n')).not.toContain(token);
});

test('a token that a job prints all the same is masked, split over two writes and in base64 too', async () => {
  await using bench = await makeBench();
  const ticket = await bench.ticketFor({
    job: shellJob("node -e \"const t=require('fs').readFileSync(process.env.HOME+'/pipl-leak','utf8')\"", {}),
  });
  const { folder, token } = await bench.place(ticket);
  const { writeFile } = await import('node:fs/promises');
  const half = token.length / 2;
  const leak = `printf %s '${token.slice(0, half)}'; sleep 0.1; echo '${token.slice(half)}'; echo '${Buffer.from(token).toString('base64')}'`;
  const told = JSON.parse(await readFile(join(folder, 'ticket.json'), 'utf8')) as {
    task: { integrity: string };
  };
  const leaking = await bench.ticketFor({ job: shellJob(leak) });
  await writeFile(join(folder, 'ticket.json'), JSON.stringify({ ...leaking, attempt: ticket.attempt }));
  const { runTicket } = await import('../src/run.ts');
  await runTicket({
    folder,
    config: bench.config,
    cancel: new AbortController().signal,
    onEvent: () => undefined,
  });
  expect(told.task.integrity).not.toBe(leaking.task.integrity);
  for (const name of await readdir(folder)) {
    // The report has the template of the task, in which only this test writes a token.
    if (name === 'work' || name === 'report.json') continue;
    const text = await readFile(join(folder, name), 'utf8');
    expect(text).not.toContain(token);
    expect(text).not.toContain(Buffer.from(token).toString('base64'));
  }
  expect(await readFile(join(folder, 'log.ndjson'), 'utf8')).toContain('********');
});
