/** Run by `other-user.ts` where there is a targetuser: tasks as that user and as oneself, in turns. */
import { PosixSessionUser, Session } from '../../openjd-sessions/src/index.ts';
import { timedTasks } from './tasks-of-a-session.ts';

const rounds = 8;
const tasksPerRound = 50;
const user = new PosixSessionUser('targetuser', 'sharedgroup');
await using other = new Session({ sessionId: 'other', jobParameterValues: {}, user });
await using own = new Session({ sessionId: 'own', jobParameterValues: {} });
const [others, owns]: [number[], number[]] = [[], []];
for (let round = 0; round <= rounds; round += 1) {
  others.push(await timedTasks(other, tasksPerRound));
  owns.push(await timedTasks(own, tasksPerRound));
}
// The first round pays for sudo and for the shell.
console.log(JSON.stringify({ other: Math.min(...others.slice(1)), own: Math.min(...owns.slice(1)) }));
