/** Layout: puts the model on the floor, one unit high. It reads the bounds of the model and nothing else. */
import { writeFile } from 'node:fs/promises';
import { defineTaskType } from '@pipl/pipe';
import { Blocking, Model } from './products.ts';

export const Layout = defineTaskType({
  name: 'Layout',
  needs: { model: Model },
  makes: { blocking: Blocking },
})
  .step('place', {
    async run({ inputs, outputs }) {
      const { boundsOf, readMesh } = await import('./mesh.ts');
      const { writePlacement } = await import('./shot.ts');
      const { min, max } = boundsOf((await readMesh(inputs.model.scene.path)).positions);
      const scale = 1 / (max[1] - min[1]);
      const middle = (axis: 0 | 2): number => -((min[axis] + max[axis]) / 2) * scale;
      const reach = (Math.max(max[0] - min[0], max[2] - min[2]) / 2) * scale;
      const offset = [middle(0), -min[1] * scale, middle(2)] as const;
      await writeFile(outputs.blocking.scene.path, await writePlacement({ scale, offset, reach }));
    },
  })
  .check('the model stands on the floor', async ({ inputs, outputs }) => {
    const { boundsOf, readMesh } = await import('./mesh.ts');
    const { readPlacement } = await import('./shot.ts');
    const { min, max } = boundsOf((await readMesh(inputs.model.scene.path)).positions);
    const { scale, offset } = await readPlacement(outputs.blocking.scene.path);
    const [foot, head] = [min[1] * scale + offset[1], max[1] * scale + offset[1]];
    if (Math.abs(foot) > 1e-4 || Math.abs(head - 1) > 1e-4)
      throw new Error(`it reaches from ${foot} to ${head}`);
  });
