/**
 * Softmax regression by gradient descent on all samples at once: no chance in it, so the same samples give the
 * same weights to the bit.
 */
import { kinds, type Metrics, type Model, type Sample } from './days.ts';

/** @param rate of learning, a step's share of the mean gradient */
export function learn(samples: readonly Sample[], { epochs, rate }: { epochs: number; rate: number }): Model {
  const scale = scaleOf(samples);
  const seen = samples.map(({ features, weather }) => ({ weather, values: scaled(scale, features) }));
  const size = scale.mean.length + 1;
  const weights = kinds.map(() => new Float64Array(size));
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    const gradients = kinds.map(() => new Float64Array(size));
    for (const { values, weather } of seen) {
      const said = probabilities(weights, values);
      for (const [kind, gradient] of gradients.entries()) {
        const off = said[kind]! - (kinds[kind] === weather ? 1 : 0);
        for (let at = 0; at < size; at += 1) gradient[at]! += off * values[at]!;
      }
    }
    for (const [kind, gradient] of gradients.entries()) {
      for (let at = 0; at < size; at += 1) weights[kind]![at]! -= (rate * gradient[at]!) / seen.length;
    }
  }
  return { ...scale, weights: weights.map((row) => [...row]), epochs };
}

type Scale = Pick<Model, 'mean' | 'deviation'>;

function scaleOf(samples: readonly Sample[]): Scale {
  const columns = (samples[0]?.features ?? []).map((_, at) => samples.map(({ features }) => features[at]!));
  const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const mean = columns.map(meanOf);
  const deviation = columns.map(
    (column, at) =>
      // A feature that is always the same says nothing, and must not become infinite.
      Math.sqrt(meanOf(column.map((value) => (value - mean[at]!) ** 2))) || 1,
  );
  return { mean, deviation };
}

const scaled = ({ mean, deviation }: Scale, features: readonly number[]): number[] => [
  1,
  ...features.map((value, at) => (value - mean[at]!) / deviation[at]!),
];

/** How often the model is right, in samples that it was not made from. */
export function examine(model: Model, samples: readonly Sample[]): Metrics {
  const confusion = kinds.map(() => kinds.map(() => 0));
  for (const { features, weather } of samples) {
    confusion[kinds.indexOf(weather)]![predict(model, features)]! += 1;
  }
  const right = confusion.reduce((sum, row, kind) => sum + row[kind]!, 0);
  const most = Math.max(...confusion.map((row) => row.reduce((a, b) => a + b, 0)));
  return {
    samples: samples.length,
    accuracy: right / samples.length,
    majority: most / samples.length,
    confusion,
  };
}

/** The most likely of {@link kinds}, as its place in that list. */
function predict(model: Model, features: readonly number[]): number {
  const said = probabilities(model.weights, scaled(model, features));
  return said.indexOf(Math.max(...said));
}

function probabilities(weights: readonly ArrayLike<number>[], values: readonly number[]): number[] {
  const scores = weights.map((row) => values.reduce((sum, value, at) => sum + value * row[at]!, 0));
  const highest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - highest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}
