/** Texts taken apart, within the budget: as a list of characters a text needs much more room. */
import type { Budget } from './budget.ts';

const bytesEach = 8;

/** @throws ExpressionInvalid if there is no room. */
export function charactersOf(text: string, budget: Budget): string[] {
  budget.spendText(text.length);
  budget.foresee(text.length * bytesEach);
  return [...text];
}
