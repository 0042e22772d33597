/** What `PIPL_CONTEXT` names: the run as its actions are told of it. Pure. */
import type { Ticket } from '@pipl/packl';
import type { PlacedReads } from './prepare.ts';
import type { Described } from './template.ts';

export const contextOf = (
  { task, field, attempt }: Ticket,
  { described, inputs, outputs }: { described: Described; inputs: PlacedReads; outputs: object },
) => ({
  task: { name: task.name, version: task.version },
  type: field.type,
  run: attempt,
  parameters: described.parameters,
  inputs: inputs.inputs,
  previous: inputs.previous.products,
  outputs,
});
