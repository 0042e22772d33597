#!/usr/bin/env node
/**
 * The command `pipl`: reads the options that concern speaking, runs the command, turns an error into three lines
 * and an exit status.
 */
import { version } from './version.ts';

const args = process.argv.slice(2);

// zod reads this when it is loaded: for one check a process, compiling a checker costs more than it saves.
(globalThis as { __zod_globalConfig?: object }).__zod_globalConfig = { jitless: true };

if (args[0] === '--version' || args[0] === '-V') {
  process.stdout.write(
    args.includes('--json')
      ? `${JSON.stringify({ ok: true, data: { version }, warnings: [] })}\n`
      : `${version}\n`,
  );
} else if (args[0] === '__complete') {
  const { complete, printed } = await import('./complete.ts');
  // A server that is slow to answer must not hold a prompt.
  process.stdout.write(printed(await complete(args.slice(1))), () => process.exit());
} else {
  const { runCommandLine } = await import('./command-line.ts');
  process.exitCode = await runCommandLine(args);
}
