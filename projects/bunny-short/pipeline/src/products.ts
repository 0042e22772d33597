/** Product types of the film. */
import { defineProductType } from '@pipl/pipe';
import { FrameSequence, GltfScene, Mp4, Picture } from './assets.ts';

/** A mesh, y up, in its own units. */
export const Model = defineProductType({ name: 'Model', assets: { scene: GltfScene } });
/** Where the model stands: depends on its bounds and on nothing else of it. */
export const Blocking = defineProductType({ name: 'Blocking', assets: { scene: GltfScene } });
/** The placed model, with keys of the camera and of the light for each frame. */
export const Curves = defineProductType({ name: 'Curves', assets: { scene: GltfScene } });
export const Frames = defineProductType({ name: 'Frames', assets: { beauty: FrameSequence } });
export const Movie = defineProductType({ name: 'Movie', assets: { movie: Mp4, sheet: Picture } });
