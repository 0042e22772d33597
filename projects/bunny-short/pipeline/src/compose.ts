/** One frame of a comp: graded pixels, a vignette, and the name of the shot and the frame burnt in. */
import sharp from 'sharp';
import { textLayer } from './burn-in.ts';
import type { Grade } from './comp.ts';

export interface Composition {
  readonly from: string;
  readonly to: string;
  readonly look: Grade;
  readonly shot: string;
  readonly frame: number;
}

sharp.concurrency(1);

export async function compose({ from, to, look, shot, frame }: Composition): Promise<void> {
  const { data, info } = await sharp(from).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const texts = [
    { text: shot, x: 10, y: height - 10, size: 11, bold: true, outlined: true, opacity: 0.92 },
    {
      text: String(frame),
      x: width - 10,
      y: height - 10,
      size: 11,
      anchor: 'end' as const,
      family: 'DejaVu Sans Mono' as const,
      outlined: true,
      opacity: 0.92,
    },
  ];
  await sharp(graded(data, width, height, look), { raw: { width, height, channels: 3 } })
    .composite([textLayer(texts, { width, height })])
    .removeAlpha()
    .png({ compressionLevel: 7 })
    .toFile(to);
}

function graded(
  pixels: Uint8Array,
  width: number,
  height: number,
  { gain, tint, contrast, saturation, vignette }: Grade,
): Uint8Array {
  const result = new Uint8Array(pixels.length);
  for (let at = 0; at < pixels.length; at += 3) {
    const [column, row] = [(at / 3) % width, Math.floor(at / 3 / width)];
    const away = ((column / width) * 2 - 1) ** 2 * 0.7 + ((row / height) * 2 - 1) ** 2 * 0.5;
    const fall = 1 - vignette * away;
    const [red, green, blue] = [pixels[at]!, pixels[at + 1]!, pixels[at + 2]!];
    const grey = red * 0.2126 + green * 0.7152 + blue * 0.0722;
    for (let axis = 0; axis < 3; axis += 1) {
      const colored = grey + (pixels[at + axis]! - grey) * saturation;
      const value = ((colored * gain * tint[axis]! * fall - 110) * contrast + 110) | 0;
      result[at + axis] = value < 0 ? 0 : value > 255 ? 255 : value;
    }
  }
  return result;
}
