#!/usr/bin/env node
/**
 * `pipl-step`, what an action of a task runs and what describes a task to those who run it.
 *
 *   pipl-step describe <request.json>        JSON on stdout; refused: exit 7, an ErrorBody on the last line of stderr
 *   pipl-step run <type> <step> [points…]    one argument for each dimension
 *   pipl-step check <type>
 *   pipl-step command <type> <name> [arguments as JSON]
 *   pipl-step config <name>                  JSON on stdout: a configuration and where its values come from
 *   pipl-step asset <verb> <request.json>    JSON on stdout: what asset types say (name, lint, preview, migrate)
 *   pipl-step promises <type>                JSON on stdout: the assets that a product of the type has
 *   pipl-step product                        JSON on stdout: what the assets of a product packl are made of
 *   pipl-step store                          the asset store, for whoever started it (IPC)
 *
 * With PIPL_ERROR, a file, what failed goes there as an ErrorBody.
 * run, check and command read PIPL_CONTEXT, tell progress as Open Job Description lines, and fail with `openjd_fail` and exit 1.
 */
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { PiplError } from '@pipl/packl';
import { askAssetTypes, type AssetQuestion, type AssetVerb } from './asset-actions.ts';
import { ActionFailed, readJson, runChecks, runCommand, runStep } from './actions.ts';
import { describe, type DescribeRequest } from './describe.ts';
import { badRequest, commandFailed } from './refusals.ts';
import { describeProduct } from './product-definition.ts';
import { promisedBy } from './promises.ts';
import { say } from './say.ts';
import { services } from './services.ts';
import { hostStore } from './store-host.ts';
import { explainConfig } from './workspace-services.ts';

const [verb, ...args] = process.argv.slice(2);
// As it was called, not where a link leads: packls lie beside the link, in the tree.
// A bin is started through links that may lead out of the tree: whoever starts an action names the tree.
const tree = process.env['PIPL_TREE'];
const from = [...(tree === undefined ? [] : [tree]), dirname(process.argv[1]!), process.cwd()];
const surroundings = {
  context: process.env['PIPL_CONTEXT'],
  checks: process.env['PIPL_CHECKS'],
  from,
  say: say((text) => process.stdout.write(text)),
};

async function act(): Promise<void> {
  const [type, name] = args;
  if (verb === 'run' && type !== undefined && name !== undefined) {
    return runStep({ type, step: name, args: args.slice(2) }, surroundings);
  }
  if (verb === 'check' && type !== undefined) return runChecks(type, surroundings);
  if (verb === 'command' && type !== undefined && name !== undefined)
    return runCommand({ type, command: name, given: args[2] }, surroundings);
  throw badRequest(
    'pipl-step was called wrongly.',
    `It was given: ${process.argv.slice(2).join(' ') || 'nothing'}.`,
  );
}

async function describeRequest(): Promise<void> {
  const [file] = args;
  if (file === undefined)
    throw badRequest('pipl-step describe needs a file.', 'The request names a task type and its parameters.');
  const description = await describe(readJson(file) as DescribeRequest, from);
  process.stdout.write(`${JSON.stringify(description)}\n`);
}

/** Code of a packl may have printed to stderr before: the body is the last line. */
function refuse(error: unknown): number {
  const unexpected = {
    code: 'PIPL_DESCRIBE_FAILED',
    kind: 'invalid',
    message: error instanceof Error ? error.message : String(error),
  };
  if (!(error instanceof PiplError)) console.error(error);
  console.error(JSON.stringify(error instanceof PiplError ? error : unexpected));
  return 7;
}

function fail(error: unknown): number {
  const text =
    error instanceof PiplError && error.why !== undefined
      ? `${error.message} ${error.why}`
      : (error as Error).message;
  const { PIPL_ERROR: file } = process.env;
  // A person waits: whoever asked tells it in the form that they know.
  if (file === undefined) surroundings.say.fail(text);
  else writeFileSync(file, JSON.stringify(error instanceof PiplError ? error : commandFailed(error, text)));
  if (error instanceof ActionFailed) console.error(error.cause);
  return 1;
}

async function printConfig(): Promise<void> {
  const [name] = args;
  if (name === undefined)
    throw badRequest('pipl-step config needs a name.', 'It is that of a configuration.');
  process.stdout.write(`${JSON.stringify(await explainConfig(name))}\n`);
}

async function askTypes(): Promise<void> {
  const [asked, file] = args;
  if (asked === undefined || file === undefined)
    throw badRequest('pipl-step asset needs a verb and a file.', 'The request names the assets.');
  const answers = await askAssetTypes(asked as AssetVerb, readJson(file) as AssetQuestion[]);
  process.stdout.write(`${JSON.stringify(answers)}\n`);
}

async function printProduct(): Promise<void> {
  process.stdout.write(`${JSON.stringify(await describeProduct())}\n`);
}

async function printPromises(): Promise<void> {
  const [type] = args;
  if (type === undefined) throw badRequest('pipl-step promises needs a type.', 'It is that of a product.');
  process.stdout.write(`${JSON.stringify(await promisedBy(type, from))}\n`);
}

function carriedOut(): Promise<number | void> {
  if (verb === 'describe') return describeRequest().catch(refuse);
  if (verb === 'config') return printConfig().catch(refuse);
  if (verb === 'asset') return askTypes().catch(refuse);
  if (verb === 'promises') return printPromises().catch(refuse);
  if (verb === 'product') return printProduct().catch(refuse);
  if (verb === 'store') return hostStore().catch(refuse);
  return acted().catch(fail);
}

/** Services end with the action, also with one that failed: its own failure is the one that is told. */
async function acted(): Promise<void> {
  try {
    await act();
  } catch (error) {
    await services.dispose().catch(() => undefined);
    throw error;
  }
  await services.dispose();
}

// A handle that a packl forgot to close must not keep the action alive.
void carriedOut().then((status) => process.stdout.write('', () => process.exit(status ?? 0)));
