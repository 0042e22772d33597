/** H.264 movies, byte for byte the same for the same frames. */
import { readFile, writeFile } from 'node:fs/promises';
import encoder from 'h264-mp4-encoder';
import sharp from 'sharp';
import { boxesOf } from './mp4-boxes.ts';

export async function writeMovie(
  file: string,
  frames: readonly string[],
  { framesPerSecond, quantization }: { readonly framesPerSecond: number; readonly quantization: number },
): Promise<void> {
  const [first] = frames;
  if (first === undefined) throw new Error('there are no frames to make a movie of');
  const { width, height } = await sharp(first).metadata();
  const movie = await encoder.createH264MP4Encoder();
  movie.width = width;
  movie.height = height;
  movie.frameRate = framesPerSecond;
  movie.quantizationParameter = quantization;
  movie.initialize();
  for (const frame of frames) movie.addFrameRgba(await sharp(frame).ensureAlpha().raw().toBuffer());
  movie.finalize();
  const bytes = Uint8Array.from(movie.FS.readFile(movie.outputFilename));
  movie.delete();
  forgetTimes(bytes);
  await writeFile(file, bytes);
}

/** The encoder writes the time of day into three headers: equal frames would make unequal movies. */
function forgetTimes(bytes: Uint8Array): void {
  for (const { type, start } of boxesOf(bytes)) {
    if (type !== 'mvhd' && type !== 'tkhd' && type !== 'mdhd') continue;
    const wide = bytes[start] === 1;
    bytes.fill(0, start + 4, start + 4 + (wide ? 16 : 8));
  }
}

/** Number of samples in the table of the movie. @throws Error when there is none */
export async function framesOfMovie(file: string): Promise<number> {
  const bytes = await readFile(file);
  const sizes = boxesOf(bytes).find(({ type }) => type === 'stsz');
  if (sizes === undefined) throw new Error(`${file} has no table of samples`);
  return bytes.readUInt32BE(sizes.start + 8);
}
