/** What `PIPL_CONTEXT` names: the run as its actions are told of it. Pure. */
import type { Ticket } from '@pipl/packl';
import type { PlacedInputs } from './inputs.ts';
import type { Described } from './template.ts';

export const contextOf = (
  { task, field, attempt }: Ticket,
  { described, inputs, outputs }: { described: Described; inputs: PlacedInputs; outputs: object },
) => ({
  task: { name: task.name, version: task.version },
  type: field.type,
  run: attempt,
  parameters: described.parameters,
  inputs: inputs.inputs,
  outputs,
});
