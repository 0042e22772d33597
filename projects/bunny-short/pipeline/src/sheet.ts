/** The contact sheet: a row for each shot, pictures spread over its frames. */
import sharp from 'sharp';
import { textLayer } from './burn-in.ts';

interface SheetShot {
  readonly name: string;
  readonly files: readonly string[];
}

const columns = 4;
const [gap, margin, heading] = [10, 28, 56];

export async function writeSheet(file: string, shots: readonly SheetShot[], title: string): Promise<void> {
  const first = shots[0]?.files[0];
  if (first === undefined) throw new Error('there are no frames to show');
  const { width: wide, height: high } = await sharp(first).metadata();
  const width = margin * 2 + columns * wide + (columns - 1) * gap;
  const height = heading + shots.length * (high + gap) - gap + margin;
  const pictures = shots.flatMap(({ files }, row) =>
    spread(files).map((input, column) => ({
      input,
      left: margin + column * (wide + gap),
      top: heading + row * (high + gap),
    })),
  );
  const frames = shots.reduce((sum, { files }) => sum + files.length, 0);
  const texts = [
    { text: title, x: margin, y: 37, size: 19, bold: true },
    {
      text: `${shots.length} shots, ${frames} frames`,
      x: width - margin,
      y: 37,
      size: 13,
      anchor: 'end' as const,
      opacity: 0.65,
    },
  ];
  await sharp({ create: { width, height, channels: 3, background: '#15171c' } })
    .composite([...pictures, textLayer(texts, { width, height })])
    .removeAlpha()
    .png({ compressionLevel: 8 })
    .toFile(file);
}

/** The first, the last, and some between. */
const spread = (files: readonly string[]): string[] =>
  Array.from(
    { length: Math.min(columns, files.length) },
    (_, index) =>
      files[Math.round((index * (files.length - 1)) / (Math.min(columns, files.length) - 1 || 1))]!,
  );
