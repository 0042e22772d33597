/**
 * Looks at what the film became: decodes a movie with ffmpeg (a program of its own, for tests only) and measures
 * pictures. Brightness is 0..255.
 */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import sharp from 'sharp';

const ffmpeg = createRequire(import.meta.url).resolve('@ffmpeg-installer/linux-x64/ffmpeg');

export interface InspectedFrame {
  readonly mean: number;
  readonly deviation: number;
  /** mean difference to the frame before it; 0 for the first */
  readonly change: number;
}

export interface InspectedMovie {
  readonly width: number;
  readonly height: number;
  readonly frames: readonly InspectedFrame[];
}

interface GreyPicture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** Every frame of a movie. @throws Error when ffmpeg finds anything wrong with the file */
export async function decodeFrames(file: string): Promise<InspectedMovie> {
  const args = [
    '-v',
    'error',
    '-xerror',
    '-i',
    file,
    '-f',
    'image2pipe',
    '-vcodec',
    'pgm',
    '-pix_fmt',
    'gray',
    '-',
  ];
  const { stdout, stderr } = await promisify(execFile)(ffmpeg, args, {
    encoding: 'buffer',
    maxBuffer: 2 ** 30,
  });
  if (stderr.length > 0) throw new Error(`${file}: ${stderr.toString()}`);
  const pictures = picturesIn(stdout);
  const frames = pictures.map(({ pixels }, index) => {
    const before = pictures[index - 1]?.pixels ?? pixels;
    return {
      ...spreadOf(pixels),
      change: pixels.reduce((sum, value, at) => sum + Math.abs(value - before[at]!), 0) / pixels.length,
    };
  });
  return { width: pictures[0]?.width ?? 0, height: pictures[0]?.height ?? 0, frames };
}

/** Portable greymaps, one after the other. */
function picturesIn(bytes: Buffer): GreyPicture[] {
  const pictures: GreyPicture[] = [];
  for (let at = 0; at < bytes.length;) {
    const header = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(bytes.toString('latin1', at, at + 64));
    if (header === null) throw new Error(`no picture at byte ${at}`);
    const [width, height, start] = [Number(header[1]), Number(header[2]), at + header[0].length];
    at = start + width * height;
    pictures.push({ width, height, pixels: bytes.subarray(start, at) });
  }
  return pictures;
}

function spreadOf(pixels: Uint8Array): Pick<InspectedFrame, 'mean' | 'deviation'> {
  const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
  const variance = pixels.reduce((sum, value) => sum + (value - mean) ** 2, 0) / pixels.length;
  return { mean, deviation: Math.sqrt(variance) };
}

export interface InspectedPicture {
  readonly width: number;
  readonly height: number;
  /** red, green, blue */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

export async function inspectPicture(file: string): Promise<InspectedPicture> {
  const picture = sharp(file).removeAlpha();
  const [{ width, height }, { channels }] = await Promise.all([picture.metadata(), picture.stats()]);
  return {
    width,
    height,
    mean: channels.map(({ mean }) => mean),
    deviation: channels.map(({ stdev }) => stdev),
  };
}
