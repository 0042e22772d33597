/**
 * Content of a bucket that is being taken away, or was a while ago. A bucket has no rename and no clock that could
 * be trusted, so the database says who may: a note stands before content goes, in a transaction that sees every
 * row that names it; whoever names content looks for a note in the transaction that names it. One of the two
 * comes first. Notes stay for a day after, for those who had already seen the content.
 */
import { randomUUID } from 'node:crypto';
import { piplError } from '@pipl/packl';
import type { Database, Queries } from '../state/tables.ts';
import type { Named } from './blobs.ts';

/** Milliseconds. Longer than requests to the bucket live: whoever wrote such a note has died. */
const abandonedAfter = 15 * 60_000;
const keptFor = 24 * 60 * 60_000;

export interface Going {
  /** Notes what no row needs, of these; that may then be taken away. */
  note(integrities: readonly string[], named: Named): Promise<string[]>;
  /** It is gone. */
  gone(integrities: readonly string[]): Promise<void>;
  /** Noted, and perhaps still there: the server that noted it died, or could not remove it. */
  unfinished(): Promise<string[]>;
  /** @throws PIPL_CONTENT_GOING */
  refuse(tx: Queries, integrity: string): Promise<void>;
  /** Runs `put` when the content has gone, and takes the note away then. While it is going, does nothing. */
  back(integrity: string, put: () => Promise<void>): Promise<void>;
  forgetOld(): Promise<void>;
}

const contentGoing = (integrity: string) =>
  piplError('unreachable', 'PIPL_CONTENT_GOING', {
    what: 'The same content is being removed at this moment.',
    why: `No version named ${integrity} until now.`,
    hint: 'Publish again in a minute.',
  });

export function openGoing(db: Database, now: () => Date): Going {
  const ago = (milliseconds: number) => new Date(now().getTime() - milliseconds).toISOString();
  return {
    async note(integrities, named) {
      if (integrities.length === 0) return [];
      const [at, turn] = [now().toISOString(), randomUUID()];
      return db.transaction().execute(async (tx) => {
        const needed = await named(integrities, tx);
        const free = integrities.filter((one) => !needed.has(one));
        if (free.length === 0) return free;
        await tx
          .insertInto('registry_blobs_going')
          .values(free.map((integrity) => ({ integrity, at, turn, gone_at: null })))
          .onConflict((conflict) => conflict.column('integrity').doUpdateSet({ at, turn, gone_at: null }))
          .execute();
        return free;
      });
    },
    async gone(integrities) {
      if (integrities.length === 0) return;
      await db
        .updateTable('registry_blobs_going')
        .set({ gone_at: now().toISOString() })
        .where('integrity', 'in', integrities)
        .execute();
    },
    async unfinished() {
      const rows = await db
        .selectFrom('registry_blobs_going')
        .select('integrity')
        .where('gone_at', 'is', null)
        .execute();
      return rows.map(({ integrity }) => integrity);
    },
    async refuse(tx, integrity) {
      const note = await tx
        .selectFrom('registry_blobs_going')
        .select('turn')
        .where('integrity', '=', integrity)
        .executeTakeFirst();
      if (note !== undefined) throw contentGoing(integrity);
    },
    async back(integrity, put) {
      const note = await db
        .selectFrom('registry_blobs_going')
        .selectAll()
        .where('integrity', '=', integrity)
        .executeTakeFirst();
      if (note?.gone_at === null && note.at > ago(abandonedAfter)) return;
      await put();
      if (note === undefined) return;
      // Not one that was written since.
      await db
        .deleteFrom('registry_blobs_going')
        .where('integrity', '=', integrity)
        .where('turn', '=', note.turn)
        .execute();
    },
    async forgetOld() {
      await db.deleteFrom('registry_blobs_going').where('gone_at', '<', ago(keptFor)).execute();
    },
  };
}
