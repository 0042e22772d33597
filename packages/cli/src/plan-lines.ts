/** A plan as people read it: what would run, where, how long, what it makes and why. Pure. */
import type { Onward, Preview } from '@pipl/project';
import { roughly } from './sizes.ts';

type Plan = Preview['plan'];
type Planned = Plan['runs'][number];

export function planLines({ plan, onward }: Preview): string[] {
  return [...waveLines(plan), ...onward.flatMap(onwardLines)];
}

function onwardLines({ index, plan, ...needs }: Onward): string[] {
  const what = needWords(needs);
  const head = what === '' ? `Promoted into ${index}:` : `Into ${index} it needs: ${what}. Then:`;
  return [head, ...waveLines(plan)];
}

/** `checks (qa runs them), approval by supervisors` */
function needWords({ gate, handlers }: Pick<Onward, 'gate' | 'handlers'>): string {
  const { checks, approval, approvals } = gate ?? {};
  const by = handlers.length === 0 ? '' : ` (${handlers.join(', ')} runs them)`;
  const names = checks === true || checks === undefined ? '' : ` ${checks.join(', ')}`;
  const many = approvals !== undefined && approvals > 1 ? `${approvals} approvals` : 'approval';
  const from = approval === undefined ? '' : ` by ${approval.join(' or ')}`;
  return [
    ...(checks === undefined ? [] : [`checks${names}${by}`]),
    ...(approval === undefined && approvals === undefined ? [] : [`${many}${from}`]),
  ].join(', ');
}

function waveLines(plan: Plan): string[] {
  const { runs, stays, underWay } = plan;
  const going =
    underWay === 0 ? [] : [`  (${underWay} run${underWay === 1 ? ' is' : 's are'} under way and counted in)`];
  if (runs.length === 0) {
    return ['  nothing would run: no task resolves to anything else by it', ...going, ...stays.map(stayLine)];
  }
  const width = Math.max(...runs.map(({ task }) => task.length));
  return [
    ...runs.map((run) => `  ${runWords(run, width)}`),
    ...stays.map(stayLine),
    ...going,
    ...totals(plan),
  ];
}

const stayLine = ({ line }: Plan['stays'][number]): string => `  ${line}`;

function runWords(run: Planned, width: number): string {
  const { task, seconds, engine, products, because, assumed, replaces } = run;
  const time =
    seconds === undefined
      ? `first run, on ${engine}`
      : `1 run, about ${roughly(seconds * 1000)} on ${engine}`;
  const made = products.map(({ name, version }) => `${name} ${version}`).join(', ');
  const makes = { made: `makes ${made}`, unchanged: `makes nothing new`, failed: 'fails' }[assumed];
  const place = replaces === undefined ? '' : '  in place of its run that waits';
  return `${task.padEnd(width)}  ${time.padEnd(26)}  ${products.length === 0 ? '' : makes}${reason(because)}${place}`.trimEnd();
}

function reason(because: Planned['because']): string {
  const asked = because.filter(({ from, range }) => from !== undefined && range !== undefined);
  if (asked.length === 0) return '';
  return `  because it asks for ${asked.map(({ name, range }) => `${name} ${range}`).join(' and ')}`;
}

function totals({ runs, seconds, firstRuns }: Plan): string[] {
  if (runs.length < 2) return [];
  const unknown = firstRuns === 0 ? '' : `, without ${firstRuns} first run${firstRuns === 1 ? '' : 's'}`;
  return [`  ${runs.length} runs, about ${roughly(seconds * 1000)} in all${unknown}`];
}
