/**
 * What this registry vouches for: that a version has this content. The signature is over
 * `name@version:integrity`, as npm's own registry makes it, so `npm audit signatures` verifies it.
 */
import { signedText } from '@pipl/registry-client';
import type { Keys } from './keys.ts';
import type { Database } from '../state/tables.ts';

export interface Signed {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
}

/** For the column `signatures` of a row that is being written: JSON list of `{keyid, sig}`. */
export const signaturesOf = (keys: Keys, version: Signed): string =>
  JSON.stringify([keys.sign(signedText(version))]);

const atOnce = 200;

/** Signs the versions that an older server published. At start; what is signed already stays as it is. */
export async function signUnsigned(db: Database, keys: Keys): Promise<number> {
  for (let count = 0; ;) {
    const rows = await db
      .selectFrom('registry_versions')
      .select(['index_name', 'name', 'version', 'integrity'])
      .where('signatures', 'is', null)
      .limit(atOnce)
      .execute();
    if (rows.length === 0) return count;
    await db.transaction().execute(async (tx) => {
      for (const row of rows) {
        await tx
          .updateTable('registry_versions')
          .set({ signatures: signaturesOf(keys, row) })
          .where('index_name', '=', row.index_name)
          .where('name', '=', row.name)
          .where('version', '=', row.version)
          .where('integrity', '=', row.integrity)
          .execute();
      }
    });
    count += rows.length;
  }
}
