export * from './change.ts';
export * from './errors.ts';
export * from './manifest.ts';
export * from './names.ts';
export * from './third-party.ts';
export * from './ticket.ts';
