/** The commands of `openjd` for other command lines: arguments in, a report out. */
export { runOpenjd, type Streams } from './command-line.ts';
export { checkDocument } from './check.ts';
export { documentOf } from './template-file.ts';
export { commandLines, type CommandName, isCommandName } from './options.ts';
export { perform, type Performed, type Surroundings } from './perform.ts';
export { documentOfReport, printed, type OutputFormat } from './print.ts';
export { CommandFault, type Fault, type Report, UsageFault } from './report.ts';
export { listenForSignals } from './stops.ts';
export { runLocalSession, type SessionResult, type SessionWork, type Stops } from './local-session.ts';
export { RunLog } from './run-log.ts';
