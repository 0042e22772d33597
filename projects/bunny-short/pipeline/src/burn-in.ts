/** Text over pictures, from a font that comes with the pipeline: no machine's own fonts are used. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import type { OverlayOptions } from 'sharp';

const fonts = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
const font = {
  fontFiles: ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf', 'DejaVuSansMono.ttf'].map((name) => join(fonts, name)),
  loadSystemFonts: false,
  defaultFontFamily: 'DejaVu Sans',
};

export interface Text {
  readonly text: string;
  readonly x: number;
  /** of the baseline */
  readonly y: number;
  /** pixels */
  readonly size: number;
  readonly family?: 'DejaVu Sans' | 'DejaVu Sans Mono';
  readonly bold?: boolean;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly opacity?: number;
  /** dark edge, so that it reads on anything */
  readonly outlined?: boolean;
}

/** A layer with these texts for sharp to put over a picture of this size. */
export function textLayer(
  texts: readonly Text[],
  { width, height }: { readonly width: number; readonly height: number },
): OverlayOptions {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${texts.map(element).join('')}</svg>`;
  const image = new Resvg(svg, { font }).render();
  return { input: Buffer.from(image.asPng()), left: 0, top: 0 };
}

function element({
  text,
  x,
  y,
  size,
  family = 'DejaVu Sans',
  bold = false,
  anchor = 'start',
  opacity = 1,
  outlined = false,
}: Text): string {
  const edge = outlined
    ? ' stroke="#000" stroke-opacity="0.45" stroke-width="2.2" stroke-linejoin="round" paint-order="stroke"'
    : '';
  return `<text x="${x}" y="${y}" font-family="${family}" font-size="${size}" font-weight="${bold ? 700 : 400}" text-anchor="${anchor}" fill="#fff" opacity="${opacity}"${edge}>${escaped(text)}</text>`;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
