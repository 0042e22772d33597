/** Reads a shot once for a process, then renders its frames into files. */
import sharp from 'sharp';
import { ambientOf } from './ambient.ts';
import { renderFrame } from './frame.ts';
import { readMesh } from './mesh.ts';
import { moods, type MoodName } from './moods.ts';
import { readShot } from './shot.ts';
import { stageOf } from './stage.ts';

export interface ShotFiles {
  readonly anim: string;
  readonly model: string;
  readonly mood: MoodName;
}

type Renderer = (
  frame: number,
  to: { readonly width: number; readonly height: number; readonly file: string },
) => Promise<void>;

const ready = new Map<string, Promise<Renderer>>();

/** The same files give the same renderer: points of a chunk share what was read and worked out. */
export function rendererOf(files: ShotFiles): Promise<Renderer> {
  const name = JSON.stringify(files);
  const known = ready.get(name) ?? prepare(files);
  ready.set(name, known);
  return known;
}

async function prepare({ anim, model, mood: moodName }: ShotFiles): Promise<Renderer> {
  // One picture at a time: the engine runs several actions at once.
  sharp.concurrency(1);
  const [shot, mesh, mood] = [await readShot(anim), await readMesh(model), moods[moodName]];
  const stage = stageOf(mesh, shot.placement);
  const ambient = ambientOf(stage, mood);
  return async (frame, { width, height, file }) => {
    const key = shot.keys.find((one) => one.frame === frame);
    if (key === undefined) throw new Error(`the shot has no key at frame ${frame}`);
    const length = Math.hypot(...key.light);
    const light = [key.light[0] / length, key.light[1] / length, key.light[2] / length] as const;
    const pixel = (2 * Math.tan((shot.fieldOfView * Math.PI) / 360)) / height;
    const pixels = renderFrame({ stage, ambient, mood, light, pixel }, key, {
      width,
      height,
      fieldOfView: shot.fieldOfView,
    });
    await sharp(pixels, { raw: { width, height, channels: 3 } })
      .png({ compressionLevel: 7 })
      .toFile(file);
  };
}
