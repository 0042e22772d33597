/**
 * `npm run conformance -- --data FOLDER [--only TEXT]`: how a folder of Open Job Description cases goes. Prints
 * every failure with what was expected and what was got, then one JSON line for each category and extension.
 * Exit status 9 when anything failed.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { runCases } from './conformance/run-cases.ts';
import { findCases } from './conformance/suite.ts';

const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({
  options: { data: { type: 'string' }, only: { type: 'string', default: '' } },
});
const from = process.env['INIT_CWD'] ?? process.cwd();
const data = resolve(from, values.data ?? resolve(root, '../shared/conformance/openjd'));
if (!existsSync(data)) {
  console.error(`${data} is not there. Name a folder of cases with --data.`);
  process.exit(2);
}
const built = resolve(root, 'packages/openjd-cli/dist/openjd.mjs');
const source = resolve(root, 'packages/openjd-cli/src/main.ts');
// `npm run` builds first; started by hand, the sources are what is asked about.
const program = [process.execPath, process.env['PIPL_NODE'] && existsSync(built) ? built : source] as const;
const cases = findCases(data, program).filter(({ name }) => name.includes(values.only));
if (cases.length === 0) {
  console.error(`There is no case in ${data}.`);
  process.exit(2);
}
const { rows, failures } = await runCases(cases, (line) => console.log(line));
for (const row of rows) console.log(JSON.stringify(row));
process.exitCode = failures === 0 ? 0 : 9;
