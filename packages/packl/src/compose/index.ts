/** How the packls of a graph are laid over each other: entry points, configurations, environments. */
export * from './config.ts';
export * from './entry-points.ts';
export * from './environment.ts';
export * from './graph.ts';
