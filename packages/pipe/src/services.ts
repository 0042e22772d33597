/** `services`, as it is exported: apart from what makes it, so that its declaration needs no other package. */
import type { Services } from './service-types.ts';
import { workspaceServices } from './workspace-services.ts';

/** Config, asset store, and every service that a packl of the workspace offers. */
export const services: Services = workspaceServices;
