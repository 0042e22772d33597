/** A run that has made everything and cannot publish: the next attempt publishes, and runs nothing. */
import { readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { Ticket } from '@pipl/packl';
import { noteMade } from '../src/resume.ts';
import { index, makeBench, path, shellJob, type Bench } from './bench.ts';

const note = { type: '@test/code/products#Note', assets: { text: { type: 'Text', kind: 'file' as const } } };

/** A task that counts its runs in a file outside, and the ticket of its first attempt. */
async function counting(bench: Bench): Promise<{ ticket: Ticket; count: () => Promise<number> }> {
  const counter = join(bench.root, 'count');
  const script = `echo ran >> "${counter}"; echo "hello $(date +%s%N)" > "{{Param.Out_note}}/text/note.txt"`;
  const ticket = await bench.ticketFor({
    job: shellJob(script, { parameters: [path('Out_note')] }),
    field: { products: { note: '@test/note' }, makes: { note } },
  });
  return { ticket, count: async () => (await readFile(counter, 'utf8')).trim().split('\n').length };
}

const next = (ticket: Ticket, version: string): Ticket => ({
  ...ticket,
  attempt: `${ticket.runKey}.${Number(ticket.attempt.split('.')[1]) + 1}`,
  products: ticket.products.map((product) => ({ ...product, version })),
});

/** A registry that answers everything but releases: whoever asks for one is no longer known. */
async function withoutReleases(bench: Bench): Promise<{ url: string; server: Server }> {
  const handOn = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    if (request.url?.endsWith('/release') === true) {
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ code: 'PIPL_TOKEN_REVOKED', kind: 'auth', message: 'It ended.' }));
      return;
    }
    const {
      authorization = '',
      'content-type': type = 'text/plain',
      method,
    } = { ...request.headers, ...request };
    const sent = body.length === 0 ? {} : { body };
    const headers = { authorization, 'content-type': type };
    const answer = await fetch(bench.registry.url + request.url, {
      method: method ?? 'GET',
      headers,
      ...sent,
    });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
    response.end(Buffer.from(await answer.arrayBuffer()));
  };
  const server = createServer((request, response) => void handOn(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

test('the second attempt publishes what the first one made, under its own version, without a run', async () => {
  await using bench = await makeBench();
  const { ticket, count } = await counting(bench);
  const { url, server } = await withoutReleases(bench);
  const lost = await bench.run(ticket, { url });
  server.close();
  expect([lost.result.state, await count()]).toEqual(['lost', 1]);

  const second = next(ticket, '1.2.0');
  const { result, texts } = await bench.run(second);
  expect(result).toMatchObject({
    state: 'succeeded',
    resumed: ticket.attempt,
    outcome: { published: [{ name: '@test/note', version: '1.2.0' }] },
  });
  expect(await count()).toBe(1);
  expect(texts).toContain(`Ticket ${ticket.attempt} made everything: it is published without another run.`);
  const row = await bench.registry.row(index, '@test/note', '1.2.0');
  expect(row?.manifest.pipl).toMatchObject({
    made: { run: second.attempt, by: `${ticket.task.name}@1.0.0` },
  });
});

test('what is stored no longer, failed by itself or was published already is run again', async () => {
  await using bench = await makeBench();
  const { ticket, count } = await counting(bench);
  const first = await bench.run(ticket);
  expect(first.result.state).toBe('succeeded');
  // An attempt after one that succeeded is asked for: somebody wants it made again.
  const second = next(ticket, '1.1.0');
  expect((await bench.run(second)).result).not.toHaveProperty('resumed');
  expect(await count()).toBe(2);

  // As if the second had been killed before it released, and the store had been tidied since.
  await rm(join(bench.runsDir, second.attempt, 'result.json'));
  const products = [
    {
      manifest: (await bench.registry.row(index, '@test/note', '1.0.0'))!.manifest,
      assets: {
        text: {
          type: 'Text',
          kind: 'file' as const,
          basename: 'note.txt',
          size: 6,
          digest: `sha256:${'0'.repeat(64)}`,
        },
      },
    },
  ];
  noteMade(join(bench.runsDir, second.attempt), { products, provenance: first.result.provenance! });
  const third = next(second, '1.3.0');
  expect((await bench.run(third)).result).not.toHaveProperty('resumed');
  expect(await count()).toBe(3);
});
