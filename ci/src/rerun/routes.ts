/** `POST /-/pipl/v1/rerun`: says which runs would be done again, and lets them. */
import { piplError } from '@pipl/packl';
import type { ExtraRoutes } from '@pipl/registry';
import { z } from 'zod';
import type { Reactor } from '../reactor.ts';
import { visibleVersions } from '../visible-state.ts';
import { planRerun } from './plan.ts';
import { parseWhere } from './where.ts';

type Asked = Parameters<ExtraRoutes>[2];
type Route = (asked: Asked, reactor: Reactor, ...parts: string[]) => Promise<unknown>;

const Body = z.strictObject({
  seq: z.number().int().nonnegative().optional(),
  time: z.iso.datetime().optional(),
  where: z.string().max(1000).default(''),
  dryRun: z.boolean().default(false),
  force: z.boolean().default(false),
});

/** More at once is rather a mistake in the condition. */
const mostUnasked = 50;

export const rerunRoutes: (readonly [method: string, path: RegExp, route: Route])[] = [
  [
    'POST',
    /^\/rerun$/,
    async ({ principal, body, mayRead }, { state, take }) => {
      if (principal.is !== 'user') throw loginNeeded();
      const asked = Body.safeParse(await body());
      if (!asked.success) throw badBody(asked.error);
      const { seq, time, where, dryRun, force } = asked.data;
      const planned = planRerun(visibleVersions(state, mayRead), {
        where: parseWhere(where),
        ...(seq === undefined ? {} : { seq }),
        ...(time === undefined ? {} : { time }),
      });
      const runs = planned.map(({ lock: _lock, ...shown }) => shown);
      const again = planned.filter(({ is }) => is === 'again');
      const retried = planned.filter(({ is }) => is === 'retry');
      if (dryRun) return { runs, started: false };
      if (again.length + retried.length > mostUnasked && !force) throw tooMany(again.length + retried.length);
      const at = new Date().toISOString();
      const tasks = again.map(({ task, index, lock }) => ({ task, index, lock }));
      if (tasks.length > 0) await take({ is: 'again', tasks, at });
      for (const { task, index } of retried) await take({ is: 'retry', task, index, at });
      return { runs, started: again.length + retried.length > 0 };
    },
  ],
];

const loginNeeded = () =>
  piplError('auth', 'PIPL_LOGIN_NEEDED', {
    what: 'This needs a user.',
    why: 'Running again may change what the project makes.',
    hint: 'Run `pipl login NAME`.',
  });

const tooMany = (count: number) =>
  piplError('usage', 'PIPL_RERUN_MANY', {
    what: `${count} runs would be done again.`,
    why: `More than ${mostUnasked} are done only when that is said.`,
    hint: 'Look at them with --dry-run, then say --force, or narrow it with --where.',
  });

const badBody = (error: z.ZodError) =>
  piplError('usage', 'PIPL_BODY', {
    what: 'This does not say which runs.',
    why: error.issues.map(({ path, message }) => `${z.core.toDotPath(path)}: ${message}`).join('; '),
    hint: 'since is a change or a time; where is a condition.',
  });
