/**
 * What must hold when actions run as another user, as a program: `user.test.ts` runs it as hostuser and as
 * root in a namespace that has the users, and reads one line of JSON for each case.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';

import { alone, onlyAgent, onlyRoot } from './allowed.ts';
import { acting } from './acting.ts';
import { isRoot, processesOf, read, usersOfCases } from './scene.ts';
import { stopping } from './stopping.ts';

async function run(name: string, check: () => Promise<void>): Promise<void> {
  try {
    await check();
    console.log(JSON.stringify({ name, ok: true }));
  } catch (error) {
    console.log(
      JSON.stringify({ name, ok: false, error: error instanceof Error ? error.stack : String(error) }),
    );
  }
}

const queue = Object.entries({ ...acting, ...stopping, ...(isRoot ? onlyRoot : onlyAgent) });
const worker = async () => {
  for (let next = queue.shift(); next; next = queue.shift()) await run(...next);
};
await Promise.all([1, 2, 3, 4].map(worker));
for (const [name, check] of Object.entries(alone)) await run(name, check);
await run('in the end no process of any of these users is left, and no folder', async () => {
  for (const { uid } of usersOfCases()) assert.deepEqual(processesOf(uid), []);
  assert.deepEqual(
    readdirSync('/mnt/roots').filter((name) => !name.startsWith('sudo-calls')),
    [],
  );
  assert.equal(read(`/proc/self/task/${process.pid}/children`), '');
});
