/**
 * The order in which vitest runs the test files: the longest first, so that none of them is left over for one worker
 * when the others have nothing more to do. A file that is not named here takes a few seconds at most.
 */
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The longer the earlier. */
const longest = [
  'projects/bunny-short/test/story.test.ts',
  'scripts/guides/guides.test.ts',
  'packages/cli/test/framework.test.ts',
  'registry/test/pages.test.ts',
  'projects/weather/test/weather.test.ts',
  'ci/test/postgres.pg.test.ts',
  'projects/handbook/test/handbook.test.ts',
  'registry/test/client-matrix.test.ts',
  'registry/test/upstream-memory.test.ts',
  'packages/cli/test/workspaces.test.ts',
  'ci/test/kill.test.ts',
  'ci/test/points.test.ts',
  'ci/test/step/explorer.test.ts',
  'packages/cli/test/live.test.ts',
  'packages/cli/test/day.test.ts',
  'ci/test/handlers.test.ts',
  'ci/test/trouble.test.ts',
  'ci/test/running.test.ts',
  'packages/cli/test/handlers.test.ts',
  'packages/cli/test/lineage.test.ts',
  'packages/cli/test/outlets.test.ts',
  'packages/cli/test/errors.test.ts',
  'ci/test/failing.test.ts',
  'ci/test/starting.test.ts',
  'ci/test/indexes.test.ts',
  'packages/cli/test/upkeep.test.ts',
  'packages/cli/test/indexes.test.ts',
  'ci/test/handlers.pg.test.ts',
  'ci/test/bucket.test.ts',
  'ci/test/several-servers.pg.test.ts',
  'ci/test/wave-end.pg.test.ts',
  'packages/openjd-sessions/test/user.test.ts',
  'packages/cli/test/project-init.test.ts',
  'packages/cli/test/explain.test.ts',
  'packages/cli/test/elsewhere.test.ts',
  'registry/test/clients.test.ts',
  'registry/test/rights.test.ts',
  'packages/runner/test/with-engine.test.ts',
  'packages/cli/test/error-goldens.test.ts',
  'packages/cli/test/completion.test.ts',
  'packages/pipe/test/pipl-step.test.ts',
  'registry/test/crash.test.ts',
  'registry/test/streaming.test.ts',
  'packages/runner/test/failures.test.ts',
  'scripts/conformance/conformance.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = longest.indexOf(relative(this.ctx.config.root, moduleId));
      return at === -1 ? longest.length : at;
    };
    const asVitestDoes = await BaseSequencer.prototype.sort.call(this, files);
    return asVitestDoes.toSorted((one, other) => place(one) - place(other));
  }
}
