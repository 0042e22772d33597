/** The end of a wave is a line of the feed, written with it: whoever waits for it hears of it once. */
import { expect, test } from 'vitest';
import { ends, hearTheEnds, linesOf } from './wave-end.ts';

test(
  'each wave tells its end, once, over a kill of the server; webhooks are told of it',
  { timeout: 540_000 },
  async () => {
    const heard = await hearTheEnds();
    expect(linesOf(heard)).toEqual(ends);
    // After all that the wave did, and before what came later.
    const upTo = heard.changes.findIndex(({ op }) => op === 'settled');
    const made = heard.changes.slice(0, upTo).filter(({ op, seq }) => op === 'run' && seq > heard.first);
    expect(made.map(({ name }) => name)).toEqual(['@gen/a', '@gen/b']);
    expect(new Set(heard.told.map(({ type }) => type))).toEqual(new Set(['pipl.settled']));
    // A hook may be told twice over a kill; what it is told is these, in their order.
    const lines = heard.changes.filter(({ op }) => op === 'settled').map(({ seq }) => seq);
    expect([...new Set(heard.told.map(({ data }) => data.change.seq))]).toEqual(lines);
    expect(heard.waves).toHaveLength(ends.length);
  },
);
