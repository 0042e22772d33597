/** `pipl retake SPEC -m …` */
import { judging } from './judging.ts';

export const command = judging('retake');
