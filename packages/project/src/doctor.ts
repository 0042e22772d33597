/**
 * Is everything here as it must be? Looks at the machine, the project, its server, the login and the workspace; each
 * finding says what is wrong and which command mends it. Reads only; with `fix` it mends what loses nothing.
 *
 * Nothing it says holds a secret: it can be sent to somebody else as it is.
 */
import { machineChecks } from './doctor-machine.ts';
import { projectChecks } from './doctor-project.ts';
import { workspaceChecks } from './doctor-workspace.ts';
import { asProblem, type Examined, type Finding } from './doctor-words.ts';

/** Every check is made, whatever the others find. */
export async function examine(
  asked: Examined,
): Promise<{ readonly ok: boolean; readonly findings: readonly Finding[] }> {
  const checks = [
    ...machineChecks(asked),
    ...(await projectChecks(asked)),
    ...(await workspaceChecks(asked)),
  ];
  const findings: Finding[] = [];
  for (const { check, run } of checks) {
    const found = await run().catch((error: unknown) => [asProblem(error)]);
    findings.push(...found.map((one) => ({ check, ...one })));
  }
  return { ok: !findings.some(({ state, done }) => state === 'problem' && done === undefined), findings };
}
