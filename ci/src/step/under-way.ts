/** Has a run no final state yet? */
import type { RunRecord } from './types.ts';

export const isUnderWay = ({ state }: RunRecord): boolean => state === 'waiting' || state === 'running';
