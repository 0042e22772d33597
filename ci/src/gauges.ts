/** What the reactor adds to the server's `/metrics`: how far it is, what runs. */
import type { Gauge } from '@pipl/registry';
import { cursorOf, type Reactor } from './reactor.ts';
import { settledThrough } from './step/index.ts';

/** @param reactor undefined while this server has none: then there is nothing to tell */
export function reactorGauges(reactor: Reactor | undefined): Gauge[] {
  if (reactor === undefined) return [];
  const { state } = reactor;
  const runs = new Map<string, number>();
  for (const run of state.records.runs.values()) runs.set(run.state, (runs.get(run.state) ?? 0) + 1);
  const open = [...state.records.waves.values()].filter((wave) => wave.state === 'open').length;
  const one = (name: string, help: string, value: number): Gauge => ({ name, help, values: [{ value }] });
  return [
    {
      name: 'pipl_runs',
      help: 'Runs on record, by state.',
      values: [...runs].map(([word, value]) => ({ labels: { state: word }, value })),
    },
    one('pipl_waves_open', 'Waves that have not come to rest.', open),
    one('pipl_reactor_cursor', 'Last change that the reactor has taken.', cursorOf(state)),
    one(
      'pipl_reactor_settled',
      'Every change up to this one has been reacted to, to the end.',
      settledThrough(state),
    ),
  ];
}

/** For the front page of the project. */
export const reactorLinks = [
  { title: 'Runs', path: '/-/pipl/v1/runs' },
  { title: 'Waves', path: '/-/pipl/v1/waves' },
];
