/**
 * A project on another machine, known by the URL of its server: a workarea there was made with the URL instead of
 * a folder. Everything that goes over HTTP works; what needs the project's own folder says that it does.
 */
import { indexName, once, piplError } from '@pipl/packl';
import { z } from 'zod';
import type { Project } from './project-file.ts';

/** What a `.workarea` knows of such a project. */
export const RemoteFile = once(() =>
  z.looseObject({
    project_url: z.string(),
    project_name: z.string(),
    default_index: z.string(),
  }),
);

export const isUrl = (text: string): boolean => /^https?:\/\//i.test(text);

/** The server's address as everything is kept by: without a slash at the end. @throws PIPL_URL (exit 2) */
export function serverAddress(text: string): string {
  const url = URL.parse(text);
  if (url !== null && isUrl(text) && url.username + url.password + url.search + url.hash === '') {
    return url.href.replace(/\/+$/, '');
  }
  throw piplError('usage', 'PIPL_URL', {
    what: `${text.replace(/\/\/[^/@]*@/, '//…@')} is not the address of a server.`,
    why: 'It must start with http:// or https:// and hold neither a name and password nor a question.',
    hint: 'For example https://pipl.example.org/film',
  });
}

/** @param file of the workarea, already read */
export function remoteProject(area: string, file: z.output<ReturnType<typeof RemoteFile>>): Project {
  const url = serverAddress(file.project_url);
  return {
    path: area,
    id: url,
    name: file.project_name,
    defaultIndex: indexName(file.default_index),
    url,
    get system(): never {
      throw piplError('usage', 'PIPL_REMOTE_PROJECT', {
        what: `This needs the folder of ${file.project_name}, which is on another machine.`,
        why: `Only its server is known here: ${url}`,
        hint: 'Run it on that machine, in the project.',
      });
    },
  };
}

/** What the server at that address says of itself. @throws PIPL_URL PIPL_SERVER_UNREACHABLE PIPL_SERVER_ANSWER */
export async function askProject(address: string): Promise<z.output<ReturnType<typeof RemoteFile>>> {
  const url = serverAddress(address);
  // Whoever only looks where they stand should not wait for what talks to servers.
  const { connect } = await import('@pipl/registry-client');
  const { project, common } = await connect({ url }).status();
  return { project_url: url, project_name: project, default_index: common };
}
