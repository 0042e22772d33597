/** The indexes of a schedule. */
import { indexName } from '@pipl/packl';
import type { IndexName, IndexShape } from '@pipl/packl';

export const project = indexName('root/PROJ');
/** inherits the project */
export const stage = indexName('ana/stage');
export const withStage: {
  readonly indexes: readonly IndexShape[];
  readonly handlers: readonly IndexName[];
} = {
  indexes: [
    { name: stage, bases: [project] },
    { name: project, bases: [] },
  ],
  handlers: [project, stage],
};
