/** Run by `other-user.ts` where there is a targetuser: tasks as that user and as oneself, in turns. */
import { PosixSessionUser, Session } from '../../openjd-sessions/src/index.ts';

const rounds = 8;
const tasksPerRound = 50;
const task = { stepScript: { actions: { onRun: { command: '/bin/true' } } }, taskParameterValues: {} };

async function timed(session: Session): Promise<number> {
  const from = performance.now();
  for (let count = 0; count < tasksPerRound; count += 1) {
    const { state } = await session.runTask(task);
    if (state !== 'SUCCESS') throw new Error(`The task ended ${state}`);
  }
  return (performance.now() - from) / tasksPerRound;
}

const user = new PosixSessionUser('targetuser', 'sharedgroup');
await using other = new Session({ sessionId: 'other', jobParameterValues: {}, user });
await using own = new Session({ sessionId: 'own', jobParameterValues: {} });
const [others, owns]: [number[], number[]] = [[], []];
for (let round = 0; round <= rounds; round += 1) {
  others.push(await timed(other));
  owns.push(await timed(own));
}
// The first round pays for sudo and for the shell.
console.log(JSON.stringify({ other: Math.min(...others.slice(1)), own: Math.min(...owns.slice(1)) }));
