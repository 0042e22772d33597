/** What is paused, for answers that are about more than that. */
import { type Project, reader } from '@pipl/project';
import type { PauseView } from '@pipl/registry-client';

/** Nobody is kept from the rest of the answer by a server that does not tell. */
export const pausesOf = (project: Project): Promise<readonly PauseView[]> =>
  reader(project)
    .then((client) => client.pauses())
    .then(({ pauses }) => pauses)
    .catch(() => []);
