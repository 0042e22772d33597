/** Animation: a camera and a key light that go from one place around the model to another. */
import { writeFile } from 'node:fs/promises';
import { defineTaskType } from '@pipl/pipe';
import { z } from 'zod';
import { directionTo, mix, smooth, type Triple } from './numbers.ts';
import { Blocking, Curves } from './products.ts';

const triple = z.tuple([z.number(), z.number(), z.number()]);
/** Around the model: degrees, and times its height. */
const place = z.strictObject({
  azimuth: z.number(),
  elevation: z.number().min(1).max(89),
  distance: z.number().positive(),
});
const way = z.strictObject({ from: place, to: place });

const parameters = z.strictObject({
  frames: z.string().default('1001-1024'),
  camera: way,
  light: way,
  /** what the camera looks at, at the beginning and at the end */
  aim: z.strictObject({ from: triple, to: triple }),
  /** vertical, degrees */
  fieldOfView: z.number().min(5).max(120).default(28),
});

export const Anim = defineTaskType({
  name: 'Anim',
  needs: { blocking: Blocking },
  makes: { curves: Curves },
  parameters,
})
  .step('animate', {
    async run({ inputs, outputs, parameters: { frames, camera, light, aim, fieldOfView } }) {
      const { readPlacement, writeShot } = await import('./shot.ts');
      const placement = await readPlacement(inputs.blocking.scene.path);
      // A wide model is looked at from further away.
      const size = Math.max(1, placement.reach * 1.6);
      const numbers = framesIn(frames);
      const keys = numbers.map((frame, index) => {
        const t = numbers.length === 1 ? 0 : index / (numbers.length - 1);
        const target = along(aim, smooth(t));
        const eye = placeAt(camera, smooth(t), size);
        return { frame, camera: eye, cameraTurn: turnTo(eye, target), light: placeAt(light, t, size) };
      });
      await writeFile(outputs.curves.scene.path, await writeShot({ placement, fieldOfView, keys }));
    },
  })
  .check(
    'every frame has a key and the camera is above the floor',
    async ({ outputs, parameters: { frames } }) => {
      const { readShot } = await import('./shot.ts');
      const { keys } = await readShot(outputs.curves.scene.path);
      const keyed = new Set(keys.map(({ frame }) => frame));
      const missing = framesIn(frames).filter((frame) => !keyed.has(frame));
      if (missing.length > 0) throw new Error(`no key at ${missing.join(', ')}`);
      const sunk = keys.find(({ camera }) => camera[1] <= 0);
      if (sunk) throw new Error(`the camera is below the floor at ${sunk.frame}`);
    },
  );

/** `1001-1024` */
function framesIn(range: string): number[] {
  const [first = Number.NaN, last = first] = range.split('-').map(Number);
  if (!Number.isInteger(first) || !Number.isInteger(last) || last < first)
    throw new Error(`frames "${range}" is not like 1001-1024`);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

type Way = z.output<typeof way>;

const along = ({ from, to }: { from: Triple; to: Triple }, t: number): Triple => [
  mix(from[0], to[0], t),
  mix(from[1], to[1], t),
  mix(from[2], to[2], t),
];

function placeAt({ from, to }: Way, t: number, size: number): Triple {
  const [right, up, front] = directionTo(
    mix(from.azimuth, to.azimuth, t),
    mix(from.elevation, to.elevation, t),
  );
  const distance = mix(from.distance, to.distance, t) * size;
  return [right * distance, up * distance, front * distance];
}

/** The quaternion of a camera that looks from one point at another, y up. */
function turnTo(eye: Triple, target: Triple): readonly [number, number, number, number] {
  const [right, up, back] = [target[0] - eye[0], target[1] - eye[1], target[2] - eye[2]];
  const [yaw, pitch] = [Math.atan2(-right, -back), Math.atan2(up, Math.hypot(right, back))];
  const [sy, cy, sp, cp] = [Math.sin(yaw / 2), Math.cos(yaw / 2), Math.sin(pitch / 2), Math.cos(pitch / 2)];
  return [cy * sp, sy * cp, -sy * sp, cy * cp];
}
