/**
 * Softmax regression by gradient descent on all samples at once: no chance in it, so the same samples give the
 * same weights to the bit.
 */
import { kinds, type Model, type Sample } from './days.ts';

/** @param rate of learning, a step's share of the mean gradient */
export function learn(samples: readonly Sample[], { epochs, rate }: { epochs: number; rate: number }): Model {
  const size = samples[0]?.features.length ?? 0;
  const weights = kinds.map(() => new Float64Array(size));
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    const gradients = kinds.map(() => new Float64Array(size));
    for (const { features, weather } of samples) {
      const said = probabilities(weights, features);
      for (const [kind, gradient] of gradients.entries()) {
        const off = said[kind]! - (kinds[kind] === weather ? 1 : 0);
        for (let at = 0; at < size; at += 1) gradient[at]! += off * features[at]!;
      }
    }
    for (const [kind, gradient] of gradients.entries()) {
      for (let at = 0; at < size; at += 1) weights[kind]![at]! -= (rate * gradient[at]!) / samples.length;
    }
  }
  return { weights: weights.map((row) => [...row]), epochs };
}

/** The most likely of {@link kinds}, as its place in that list. */
export function predict({ weights }: Model, features: readonly number[]): number {
  const said = probabilities(weights, features);
  return said.indexOf(Math.max(...said));
}

function probabilities(weights: readonly ArrayLike<number>[], features: readonly number[]): number[] {
  const scores = weights.map((row) => features.reduce((sum, value, at) => sum + value * row[at]!, 0));
  const highest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - highest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}
