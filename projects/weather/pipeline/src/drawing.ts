/** A Vega-Lite chart as SVG, without a browser. */
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

export async function drawn(specification: TopLevelSpec): Promise<string> {
  const { spec } = compile(specification);
  return new View(parse(spec), { renderer: 'none' }).toSVG();
}
