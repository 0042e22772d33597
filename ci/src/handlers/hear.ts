/** What a change of the feed means for handlings that are under way. */
import type { Change } from '@pipl/packl';
import semver from 'semver';
import { endRuns, promote, settleHandling, stand } from './settle.ts';
import { handlingsOf, type Draft } from './state.ts';
import type { Handling, Plan } from './types.ts';

export function hear(draft: Draft, handling: Handling, change: Change): void {
  const { name, version, integrity } = handling.change;
  if (change.op === 'index') {
    const { stands, promoteTo } = handling;
    // Its gate may be another one now.
    if (stands.is === 'refused' || (stands.is === 'held' && change.index === promoteTo))
      promote(draft, handling);
    return;
  }
  if (change.name !== name || change.version !== version) return;
  const isSame = change.integrity === undefined || change.integrity === integrity;
  switch (change.op) {
    case 'verdict':
      return isSame ? hearVerdict(draft, handling, change) : undefined;
    case 'promote':
      if (isSame && change.index === handling.promoteTo && handling.trial !== true) {
        endRuns(draft, handling);
        stand(draft, handling, { is: 'promoted', seq: change.seq });
      }
      return;
    case 'withdraw':
    case 'overwrite':
      if (change.index !== handling.index || (change.op === 'overwrite' && isSame)) return;
      endRuns(draft, handling);
      stand(draft, handling, {
        is: 'gone',
        reason: change.op === 'withdraw' ? 'It was withdrawn.' : 'It was published again with other content.',
      });
      return;
    case 'publish':
    case 'tag':
    case 'untag':
    case 'deprecate':
    case 'undeprecate':
    case 'run':
      return;
  }
}

function hearVerdict(draft: Draft, handling: Handling, { verdict, index }: Change): void {
  const { stands } = handling;
  if (stands.is === 'judging') {
    const told = stands.told.filter(
      ({ check, run }) =>
        verdict?.kind !== 'check' ||
        verdict.handler !== handling.handler ||
        verdict.check !== check ||
        verdict.run !== run ||
        index !== handling.index,
    );
    if (told.length < stands.told.length) settleHandling(draft, { ...handling, stands: { ...stands, told } });
  } else if (stands.is === 'held') promote(draft, handling);
}

/** A newer version takes the place of what has not started; what runs goes on, its verdict is wanted. */
export function supersede(draft: Draft, { name, version }: Change, { declared }: Plan): void {
  if (declared.handler.kind !== 'qa') return;
  for (const handling of handlingsOf(draft)) {
    const { stands, parts, change } = handling;
    const isBefore =
      handling.index === declared.index &&
      handling.handler === declared.name &&
      handling.trial !== true &&
      change.name === name &&
      semver.valid(change.version) !== null &&
      semver.lt(change.version, version);
    if (!isBefore || stands.is !== 'running' || parts.some(({ is }) => is !== 'waiting')) continue;
    endRuns(draft, handling);
    stand(draft, handling, { is: 'superseded', by: version });
  }
}
