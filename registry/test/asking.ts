/** Requests with whatever headers a test gives: fetch() sets Host and Origin itself. */
import { request as ask, type IncomingHttpHeaders } from 'node:http';
import { request as tlsAsk } from 'node:https';
import { film, packl, startScene, type Scene } from './scene.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export function asking(
  url: string,
  headers: Record<string, string>,
  method = 'GET',
  body = '',
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const make = url.startsWith('https') ? tlsAsk : ask;
  const request = make(url, { method, headers, rejectUnauthorized: false }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part: string) => (text += part));
    response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
  });
  request.on('error', reject);
  request.end(body);
  return promise;
}

export const tarballIn = ({ text }: Answer) =>
  (JSON.parse(text) as { versions: Record<string, { dist: { tarball: string } }> }).versions['1.0.0']?.dist
    .tarball;

export async function withBunny(options: Parameters<typeof startScene>[0] = {}): Promise<Scene> {
  const scene = await startScene(options);
  await scene.publish(film, await packl('@film/bunny', '1.0.0'));
  return scene;
}
