/**
 * The reactor's decisions: which tasks run again after what happened. Pure; the shell around it does the rest.
 */
export * from './types.ts';
