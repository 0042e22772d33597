/** The reactor and the server that it is part of. The command is `serve.ts`; these are for other programs. */
export { initProject, type InitOptions } from './init-project.ts';
export { serveProject, type ProjectServer, type ServeOptions } from './serve-project.ts';
