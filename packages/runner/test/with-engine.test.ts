/** The real runner, warm, carried by the real engine, publishing to the real registry. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { localEngine, type Engine, type Observation } from '@pipl/engine';
import type { Ticket } from '@pipl/packl';
import { index, makeBench, path, shellJob, type Bench } from './bench.ts';

const runnerCommand = [process.execPath, join(import.meta.dirname, '../src/main.ts')];
const note = { type: '@test/code/products#Note', assets: { text: { type: 'Text', kind: 'file' as const } } };

const engineOf = (bench: Bench, concurrency = 2): Engine =>
  localEngine({
    runsDir: bench.runsDir,
    runnerCommand,
    runnerConfig: bench.config,
    concurrency,
    cancelGrace: 5_000,
  });

async function submit(bench: Bench, engine: Engine, ticket: Ticket): Promise<void> {
  const packls = ticket.products.map(({ name }) => name);
  const expires = new Date(Date.now() + 600_000);
  const token = await bench.registry.issueRunToken({ attempt: ticket.attempt, index, packls, expires });
  await engine.submit(ticket, { registry: bench.registry.url, token });
}

async function seen(
  engine: Engine,
  attempt: string,
  holds: (seen: Observation) => boolean,
): Promise<Observation> {
  const hinted = Promise.withResolvers<Observation>();
  const look = () =>
    engine.observe(attempt).then((found) => {
      if (holds(found)) hinted.resolve(found);
      return found;
    }, hinted.reject);
  engine.onHint?.((told) => told === attempt && void look());
  await look();
  return hinted.promise;
}

const isOver = ({ is }: Observation) => !['unknown', 'waiting', 'running'].includes(is);
/** Process id of the runner that took the attempt. */
const runnerOf = async (bench: Bench, attempt: string): Promise<number> => {
  const status = await readFile(join(bench.runsDir, attempt, 'status.json'), 'utf8');
  return (JSON.parse(status) as { pid: number }).pid;
};

test('a submitted ticket ends as a product in the registry, and the times are told', async () => {
  await using bench = await makeBench();
  const engine = engineOf(bench);
  const ticket = await bench.ticketFor({
    job: shellJob('echo "openjd_status: writing"; echo x > "{{Param.Out_note}}/text/n"', {
      parameters: [path('Out_note')],
    }),
    field: { products: { note: '@test/note' }, makes: { note } },
  });
  await submit(bench, engine, ticket);
  expect(await seen(engine, ticket.attempt, isOver)).toEqual({
    is: 'succeeded',
    progress: 100,
    startedAt: expect.any(String),
    firstActionAt: expect.any(String),
    endedAt: expect.any(String),
  });
  expect(await bench.registry.row(index, '@test/note', '1.0.0')).toBeDefined();
  await engine.close();
});

test('many runs at once all publish, each once', async () => {
  await using bench = await makeBench();
  const engine = engineOf(bench, 2);
  const setup = (at: number) => ({
    job: shellJob('echo {{Param.Out_note}} > "{{Param.Out_note}}/text/n"', {
      parameters: [path('Out_note')],
    }),
    field: { products: { note: `@test/note${at}` }, makes: { note } },
  });
  const tickets = await Promise.all(Array.from({ length: 20 }, (_, at) => bench.ticketFor(setup(at))));
  await Promise.all(tickets.map((ticket) => submit(bench, engine, ticket)));
  const ends = await Promise.all(tickets.map(({ attempt }) => seen(engine, attempt, isOver)));
  expect(new Set(ends.map(({ is }) => is))).toEqual(new Set(['succeeded']));
  const { changes } = await bench.registry.feed.read(0);
  const runs = changes.filter(({ op }) => op === 'run').map(({ run }) => run);
  expect(runs.toSorted()).toEqual(tickets.map(({ attempt }) => attempt).toSorted());
  await engine.close();
});

test('cancel ends the job, its daemons too, and says so', async () => {
  await using bench = await makeBench();
  const engine = engineOf(bench);
  const ticket = await bench.ticketFor({
    job: shellJob('echo $$; setsid sh -c "echo \\$\\$; exec sleep 600" & sleep 600'),
  });
  await submit(bench, engine, ticket);
  await seen(engine, ticket.attempt, ({ firstActionAt }) => firstActionAt !== undefined);
  const log = join(bench.runsDir, ticket.attempt, 'log.ndjson');
  const pids = async () =>
    [...(await readFile(log, 'utf8')).matchAll(/"text":"(\d+)"/g)].map(([, pid]) => Number(pid));
  while ((await pids()).length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  await engine.cancel(ticket.attempt);
  expect(await seen(engine, ticket.attempt, isOver)).toMatchObject({ is: 'canceled' });
  for (const pid of await pids()) {
    expect(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') gone')).toMatch(/\) (?:gone|Z)/);
  }
  await engine.close();
});

test('a job that kills its own runner loses the run and leaves nothing', async () => {
  await using bench = await makeBench();
  const engine = engineOf(bench);
  const ticket = await bench.ticketFor({
    job: shellJob('echo $$; kill -9 $(sed "s/.*) //" /proc/$PPID/stat | cut -d" " -f2); sleep 600'),
  });
  await submit(bench, engine, ticket);
  expect(await seen(engine, ticket.attempt, isOver)).toMatchObject({
    is: 'lost',
    // Seen by its exit, or, a moment before that is told, by its being gone.
    reason: expect.stringMatching(/^The runner ended(?:: signal SIGKILL| without a result)\.$/) as string,
  });
  await engine.close();
});

test('the server dies during a run: the runner finishes and publishes, and the next engine finds the result', async () => {
  await using bench = await makeBench();
  const first = engineOf(bench);
  const go = join(bench.runsDir, '..', 'go');
  const ticket = await bench.ticketFor({
    job: shellJob(`while ! test -e ${go}; do sleep 0.02; done; echo x > "{{Param.Out_note}}/text/n"`, {
      parameters: [path('Out_note')],
    }),
    field: { products: { note: '@test/note' }, makes: { note } },
  });
  await submit(bench, first, ticket);
  await seen(first, ticket.attempt, ({ firstActionAt }) => firstActionAt !== undefined);
  // Pipes closed and nobody listening: what a killed server leaves of them.
  await first.close();
  const next = engineOf(bench);
  expect(await next.observe(ticket.attempt)).toMatchObject({ is: 'running' });
  await writeFile(go, '');
  expect(await seen(next, ticket.attempt, isOver)).toMatchObject({ is: 'succeeded' });
  expect(await bench.registry.row(index, '@test/note', '1.0.0')).toBeDefined();
  await next.close();
});

test('a warm runner takes one attempt after the other, in the process that it is', async () => {
  await using bench = await makeBench();
  const engine = engineOf(bench, 1);
  const base = await bench.ticketFor({ job: shellJob('true') });
  const runners = new Set<number>();
  for (let at = 0; at < 4; at += 1) {
    const ticket = { ...base, attempt: `warm.${at}` };
    await submit(bench, engine, ticket);
    await seen(engine, ticket.attempt, isOver);
    runners.add(await runnerOf(bench, ticket.attempt));
  }
  // How soon its first action starts is measured by `npm run bench -- reaction`.
  expect(runners.size).toBe(1);
  await engine.close();
});
