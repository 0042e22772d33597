/**
 * One session of the soak: environments and actions as the dice fall, cancelled, timed out and failing, some
 * with processes that try to stay behind. Says what happened; whether anything is left is for its caller.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import type { Action, Environment } from '@pipl/openjd-model';

import { Session } from '../src/index.ts';
import type { ActionStatus } from '../src/index.ts';
import type { Dice } from '../../../scripts/dice.ts';

export interface SessionPlan {
  readonly sessionId: string;
  readonly root: string;
  /** In the environment of everything it starts, and nowhere else. */
  readonly mark: string;
  readonly dice: Dice;
}

export interface SessionStory {
  /** How often an action ended so. */
  readonly ends: Partial<Record<ActionStatus['state'], number>>;
  readonly escapees: number;
  /** Actions whose final state was told more or less than once, or that were not what they had to be. */
  readonly problems: readonly string[];
}

const staying = 'trap "" TERM INT HUP; exec sleep 300';
/** Ways to stay behind: how the job starts a process that wants to outlive it. */
const escapes = [
  `setsid sh -c '${staying}' >/dev/null 2>&1 &`,
  `(setsid sh -c '${staying}' >/dev/null 2>&1 &)`,
  `(setsid sh -c "setsid sh -c '${staying.replaceAll('"', '\\"')}' &" >/dev/null 2>&1 &)`,
  `env -u OPENJD_SESSION_MARK setsid sh -c '${staying}' &`,
  `(${staying}) &`,
] as const;

type Kind = 'succeeds' | 'fails' | 'talks' | 'talks nonsense' | 'times out' | 'is canceled';

const scriptOf: Record<Kind, string> = {
  succeeds: 'exit 0',
  fails: 'exit 3',
  talks: 'yes 0123456789 | head -n 2000; echo openjd_progress: 50',
  'talks nonsense': 'echo OPENJD_ENV: A=b; sleep 300',
  'times out': 'sleep 300',
  'is canceled': 'sleep 300',
};

export async function liveOneSession({ sessionId, root, mark, dice }: SessionPlan): Promise<SessionStory> {
  const ends: Partial<Record<ActionStatus['state'], number>> = {};
  let escapees = 0;
  let told = 0;
  const problems: string[] = [];
  const session = new Session({
    sessionId,
    jobParameterValues: {},
    sessionRootDirectory: root,
    osEnvVars: { SOAK_MARK: mark },
    onLog: () => undefined,
    callback: (_, { state }) => {
      if (state !== 'RUNNING') told += 1;
      if (dice.chance(0.05)) throw new Error('a callback of the soak');
    },
  });
  const script = (kind: Kind): string => {
    const escape = dice.chance(0.3) ? dice.pick(escapes) : '';
    if (escape !== '') escapees += 1;
    return `${escape}\n${scriptOf[kind]}`;
  };
  const ended = ({ state }: ActionStatus, allowed: readonly ActionStatus['state'][]): void => {
    ends[state] = (ends[state] ?? 0) + 1;
    if (told !== 1 || !allowed.includes(state)) {
      problems.push(`${state} told ${told} times, wanted ${allowed.join()}`);
    }
    told = 0;
  };
  try {
    if (dice.chance(0.5)) {
      const entering = session.enterEnvironment({ environment: environmentOf(script('succeeds')) });
      ended(await entering, ['SUCCESS']);
    }
    for (let count = 1 + dice.below(3); count > 0 && session.state === 'READY'; count -= 1) {
      await act(session, { dice, script, ended });
    }
    if (dice.chance(0.2) && session.state === 'READY') {
      // A clean-up in the middle of an action: nobody waits for it.
      void session.runSubprocess({ command: 'sh', args: ['-c', script('times out')] });
      if (dice.chance(0.7)) await sleep(dice.below(30));
    } else if (dice.chance(0.7)) {
      for (const identifier of session.environmentsEntered) {
        ended(await session.exitEnvironment({ identifier }), ['SUCCESS']);
      }
    }
  } finally {
    await session.cleanup();
  }
  return { ends, escapees, problems };
}

async function act(
  session: Session,
  {
    dice,
    script,
    ended,
  }: {
    dice: Dice;
    script: (kind: Kind) => string;
    ended: (status: ActionStatus, allowed: readonly ActionStatus['state'][]) => void;
  },
): Promise<void> {
  const kinds: readonly [Kind, ...Kind[]] = [
    'succeeds',
    'fails',
    'talks',
    'talks nonsense',
    'times out',
    'is canceled',
  ];
  const kind = dice.pick(kinds);
  const args = ['-c', script(kind)];
  switch (kind) {
    case 'succeeds':
    case 'talks':
      return ended(await runTask(session, { command: 'sh', args }), ['SUCCESS']);
    case 'fails':
    case 'talks nonsense':
      return ended(await runTask(session, { command: 'sh', args }), ['FAILED']);
    case 'times out': {
      const timeoutSeconds = dice.next() * 0.05;
      return ended(await session.runSubprocess({ command: 'sh', args, timeoutSeconds }), ['TIMEOUT']);
    }
    case 'is canceled': {
      const cancelation = { mode: 'NOTIFY_THEN_TERMINATE', notifyPeriodInSeconds: 1 } as const;
      const action = { command: 'sh', args, ...(dice.chance(0.5) ? { cancelation } : {}) };
      const running = runTask(session, action);
      if (dice.chance(0.8)) await sleep(dice.below(40));
      const limit = dice.chance(0.95) ? { timeLimitSeconds: dice.next() * 0.05 } : {};
      await Promise.all([session.cancelAction(limit), dice.chance(0.3) ? session.cancelAction() : undefined]);
      return ended(await running, ['CANCELED']);
    }
  }
}

const runTask = (session: Session, onRun: Action): Promise<ActionStatus> =>
  session.runTask({ stepScript: { actions: { onRun } }, taskParameterValues: {} });

const environmentOf = (onEnter: string): Environment => ({
  name: 'Soak',
  script: {
    actions: {
      onEnter: { command: 'sh', args: ['-c', onEnter] },
      onExit: { command: 'sh', args: ['-c', 'exit 0'] },
    },
  },
});
