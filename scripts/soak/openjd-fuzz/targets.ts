/** What is done with spoiled input. Anything that is thrown must have been thrown on purpose. */
import {
  StepParameterSpaceIterator,
  createJob,
  decodeEnvironmentTemplate,
  decodeJobTemplate,
  displayValue,
  evaluateExpression,
  preprocessJobParameters,
} from '@pipl/openjd-model';
import type { ExpressionValue, Job } from '@pipl/openjd-model';
import { SessionLog } from '../../../packages/openjd-sessions/src/log.ts';
import { OutputReader } from '../../../packages/openjd-sessions/src/output-reader.ts';
import { Redactor } from '../../../packages/openjd-sessions/src/redaction.ts';

const longestLine = 64_000;

/** Runs the call; errors of ours are fine. @throws everything else */
function onPurpose(call: () => void): void {
  try {
    call();
  } catch (error) {
    const typed = error instanceof Error && 'code' in error && String(error.code).startsWith('OPENJD_');
    if (!typed) throw error;
  }
}

/** From a document to the first tasks of its job. */
export function useTemplate(source: unknown): void {
  onPurpose(() => void decodeEnvironmentTemplate(source));
  onPurpose(() => {
    const jobTemplate = decodeJobTemplate(source);
    const folders = { jobTemplateDir: '/templates', currentWorkingDir: '/home' };
    const jobParameterValues = preprocessJobParameters({ jobTemplate, values: {}, ...folders });
    walk(createJob({ jobTemplate, jobParameterValues }));
  });
}

function walk({ steps }: Job): void {
  for (const { parameterSpace: space } of steps) {
    const tasks = new StepParameterSpaceIterator({ space });
    if (tasks.length > 0 && !tasks.includes(tasks.at(-1))) throw new Error('The last task is not included');
    let count = 0;
    for (const task of tasks) {
      if (Object.keys(task).length !== tasks.names.length) throw new Error('A task lacks a parameter');
      if ((count += 1) > 5) break;
    }
  }
}

const symbols = new Map<string, ExpressionValue>();
for (const [name, source] of Object.entries({ N: '2', S: "'banana'", L: '[1, 2, 3]', P: "path('/a/b')" })) {
  symbols.set(`Param.${name}`, evaluateExpression(source));
}

export function useExpression(source: string): void {
  onPurpose(() => void displayValue(evaluateExpression(source, { symbols })));
}

export interface Heard {
  readonly log: readonly string[];
  readonly commands: readonly string[];
}

/** Reads output in the given chunks. @throws if a line is too long or a secret that was announced is told */
export function hearOutput(chunks: readonly Buffer[]): Heard {
  const redactor = new Redactor();
  const secrets: string[] = [];
  const log: string[] = [];
  const commands: string[] = [];
  const listener = ({ message }: { readonly message: string }): void => {
    const told = secrets.find((secret) => message.includes(secret));
    if (told !== undefined) throw new Error(`The secret ${JSON.stringify(told)} is told: ${message}`);
    // Bytes that are no text take four characters each.
    if (message.length > 4 * longestLine + 500) throw new Error(`A line has ${message.length} characters`);
    log.push(message);
  };
  const failed: unknown[] = [];
  const reader = new OutputReader({
    redactor,
    log: new SessionLog({
      sessionId: 'fuzz',
      redactor,
      listener: (record) => {
        try {
          listener(record);
        } catch (error) {
          failed.push(error);
        }
      },
    }),
    obey: (command) => {
      commands.push(JSON.stringify(command));
      if (command.is !== 'env' || !command.secret) return;
      secrets.push(...command.value.split(/\r\n|\n|\r/).filter((line) => line.trim().length > 3));
    },
  });
  for (const chunk of chunks) void reader.read(chunk);
  void reader.end();
  if (failed.length > 0) throw failed[0];
  return { log, commands };
}
