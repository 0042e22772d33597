/** `openjd` in this process: what it prints and its exit status, in a folder of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runOpenjd } from '../src/index.ts';

export interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export interface Folder extends Disposable {
  readonly path: string;
  /** Text as it is, anything else as JSON. */
  write(name: string, content: unknown): string;
  openjd(...args: string[]): Promise<Ended>;
}

export function folder(files: Readonly<Record<string, unknown>> = {}): Folder {
  const path = mkdtempSync(join(tmpdir(), 'openjd-cli-test-'));
  const made: Folder = {
    path,
    write: (name, content) => {
      const file = join(path, name);
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
      return file;
    },
    openjd: async (...args) => {
      let [out, err] = ['', ''];
      const never = new AbortController().signal;
      const status = await runOpenjd(args, {
        cwd: path,
        write: (text) => void (out += text),
        writeError: (text) => void (err += text),
        stops: { cancel: never, now: never },
        version: '1.2.3',
      });
      return { status, out, err };
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true }),
  };
  for (const [name, content] of Object.entries(files)) made.write(name, content);
  return made;
}

const say = (text: string) => ({ command: 'echo', args: [text] });

/** Two steps, two environments, parameters of two kinds; `Check` depends on `Render`. */
export const film = {
  specificationVersion: 'jobtemplate-2023-09',
  name: 'Film {{Param.Shot}}',
  description: 'A shot',
  parameterDefinitions: [
    {
      name: 'Shot',
      type: 'STRING',
      default: 'sh010',
      allowedValues: ['sh010', 'sh020'],
      description: 'which',
    },
    { name: 'Width', type: 'INT', default: 320, minValue: 16 },
  ],
  jobEnvironments: [
    { name: 'Licence', script: { actions: { onEnter: say('took a licence'), onExit: say('gave it back') } } },
  ],
  steps: [
    {
      name: 'Render',
      stepEnvironments: [{ name: 'Scene', variables: { SCENE: '{{Param.Shot}}' } }],
      parameterSpace: {
        taskParameterDefinitions: [
          { name: 'Frame', type: 'INT', range: '1-3' },
          { name: 'Eye', type: 'STRING', range: ['left', 'right'] },
        ],
      },
      script: {
        actions: {
          onRun: {
            command: 'sh',
            args: ['-c', 'echo rendered $SCENE {{Task.Param.Frame}} {{Task.Param.Eye}} {{Param.Width}}'],
          },
        },
      },
    },
    {
      name: 'Check',
      dependencies: [{ dependsOn: 'Render' }],
      script: { actions: { onRun: { command: 'sh', args: ['-c', 'exit 3'] } } },
    },
  ],
};

/** The lines that actions printed. */
export const said = (out: string, what: RegExp): string[] =>
  out
    .split('\n')
    .map((line) => line.split('\t')[1] ?? '')
    .filter((line) => what.test(line) && !line.startsWith('Running command'));
