/** The command line as a function, for whoever wants to call it in a process of theirs. */
export { runCommandLine } from './command-line.ts';
