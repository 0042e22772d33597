/** `pipl approve SPEC -m …` */
import { judging } from './judging.ts';

export const command = judging('approved');
