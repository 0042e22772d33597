/** What every sequence of the film must be: complete, of one size, and not a flat colour. */
import sharp from 'sharp';

sharp.concurrency(1);

/** @throws Error that names the frames */
export async function checkFrames(
  written: ReadonlyMap<number, string>,
  {
    frames,
    width,
    height,
  }: { readonly frames: string | readonly number[]; readonly width: number; readonly height: number },
): Promise<void> {
  const wanted = typeof frames === 'string' ? numbersIn(frames) : frames;
  const missing = wanted.filter((frame) => !written.has(frame));
  if (missing.length > 0) throw new Error(`no frame ${missing.join(', ')}`);
  for (const [frame, file] of written) {
    const picture = sharp(file);
    const found = await picture.metadata();
    if (found.width !== width || found.height !== height)
      throw new Error(`frame ${frame} is ${found.width}x${found.height}, not ${width}x${height}`);
    if (deviationOf(await picture.greyscale().raw().toBuffer()) < 2)
      throw new Error(`frame ${frame} is one flat colour`);
  }
}

function deviationOf(pixels: Uint8Array): number {
  let sum = 0;
  let squares = 0;
  for (const value of pixels) {
    sum += value;
    squares += value * value;
  }
  return Math.sqrt(squares / pixels.length - (sum / pixels.length) ** 2);
}

/** `1001-1003,1007` */
const numbersIn = (text: string): number[] =>
  text.split(',').flatMap((part) => {
    const [first = Number.NaN, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
