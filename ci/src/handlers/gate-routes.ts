/**
 * What the server answers about gates: those in force, and what `.pipl` says. A change is in force and written there
 * when it is answered; whatever waited for the gate hears of it through the feed.
 */
import { indexName, piplError, type IndexName } from '@pipl/packl';
import type { Registry } from '@pipl/registry';
import type { Gate, GateView } from '@pipl/registry-client';
import { z } from 'zod';
import { GateEntry, gateOf, readProject } from '../project-file.ts';
import { needRoot, noIndex, type Asked } from './asker.ts';
import { writeGate } from './settings.ts';
import type { HandlersAtWork } from './shell.ts';
import { readsBody } from '../read-body.ts';

interface GateParts {
  readonly registry: () => Registry;
  /** folder of the project */
  readonly project: string;
}

const Given = z.strictObject({ index: z.string(), gate: GateEntry });
const Removed = z.strictObject({ index: z.string() });
const root = { is: 'user', name: 'root' } as const;
const what = 'the gates of this project';

/** Those that the asker may see, in the order of their names. */
export async function listGates(
  { registry, project }: GateParts,
  here: HandlersAtWork,
  asked: Asked,
): Promise<{ gates: GateView[] }> {
  const written = (await readProject(project)).gates;
  const indexes = await registry().indexes();
  const inForce = new Map(indexes.map((index) => [index.name, index]));
  const names = new Set([
    ...Object.keys(written).map((name) => indexName(name)),
    ...indexes.flatMap(({ name, gate }) => (gate === undefined ? [] : [name])),
  ]);
  const waiting = (name: IndexName) =>
    [...here.state.records.handlings.values()].filter(
      ({ promoteTo, stands, trial }) => promoteTo === name && stands.is === 'held' && trial !== true,
    ).length;
  return {
    gates: [...names]
      .filter((name) => asked.mayRead(name))
      .toSorted()
      .map((name) => {
        const index = inForce.get(name);
        return {
          index: name,
          ...(index?.gate === undefined ? {} : { gate: index.gate }),
          ...(isSame(index?.gate, written[name]) ? {} : { written: written[name] ?? null }),
          handlers: (index?.handlers ?? []).filter(({ from }) => asked.mayRead(from)),
          waiting: waiting(name),
        };
      }),
  };
}

const isSame = (one: Gate | undefined, other: Gate | undefined): boolean => textOf(one) === textOf(other);
const textOf = (gate: Gate | undefined): string =>
  JSON.stringify(gate && [gate.checks, gate.approval, gate.self, gate.approvals]) ?? '';

/** @throws PIPL_GATE_INVALID PIPL_NO_INDEX PIPL_NO_USER PIPL_DENIED */
export async function setGate(parts: GateParts, here: HandlersAtWork, asked: Asked): Promise<GateView> {
  needRoot(asked, what);
  const { index: text, gate } = read(Given, await asked.body());
  const index = indexName(text);
  await refuseMissing(parts, index);
  await parts.registry().setGate(index, gateOf(gate), root);
  await writeGate(parts.project, index, gate);
  return (await listGates(parts, here, asked)).gates.find((view) => view.index === index)!;
}

/** @throws PIPL_NO_GATE PIPL_DENIED */
export async function removeGate(parts: GateParts, asked: Asked): Promise<{ index: IndexName }> {
  needRoot(asked, what);
  const index = indexName(read(Removed, await asked.body()).index);
  const found = (await parts.registry().indexes()).find(({ name }) => name === index);
  const { gates } = await readProject(parts.project);
  if (found?.gate === undefined && gates[index] === undefined) throw noGate(index, Object.keys(gates));
  if (found?.gate !== undefined) await parts.registry().setGate(index, undefined, root);
  await writeGate(parts.project, index, undefined);
  return { index };
}

async function refuseMissing({ registry }: GateParts, index: IndexName): Promise<void> {
  const indexes = await registry().indexes();
  if (!indexes.some(({ name }) => name === index)) throw noIndex(index);
}

const read = readsBody({
  kind: 'invalid',
  code: 'PIPL_GATE_INVALID',
  what: 'This is no gate that pipl can keep.',
  hint: '`pipl proj gate set --help` has examples.',
});

const noGate = (index: string, there: readonly string[]) =>
  piplError('notFound', 'PIPL_NO_GATE', {
    what: `${index} has no gate.`,
    why: there.length === 0 ? 'No index of this project has one.' : `There is one in ${there.join(', ')}.`,
    hint: '`pipl proj gate list` lists them.',
  });
