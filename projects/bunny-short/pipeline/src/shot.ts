/**
 * What a shot is between the departments: a .glb with the placed model, and for animation a camera and a key light
 * with a key for each frame. Any glTF viewer plays it.
 */
import { type Animation, Document, type Node, NodeIO } from '@gltf-transform/core';
import { asTriple, type Triple } from './numbers.ts';

/** From the units of the model into the world, where it is one unit high and stands on the origin. */
export interface Placement {
  readonly scale: number;
  /** after scaling */
  readonly offset: Triple;
  /** half of the width and depth in the world */
  readonly reach: number;
}

export interface ShotKey {
  readonly frame: number;
  readonly camera: Triple;
  /** quaternion */
  readonly cameraTurn: readonly [number, number, number, number];
  readonly light: Triple;
}

export interface Shot {
  readonly placement: Placement;
  /** vertical, degrees */
  readonly fieldOfView: number;
  readonly keys: readonly ShotKey[];
}

const framesPerSecond = 24;

function placed(document: Document, { scale, offset, reach }: Placement): Node {
  const model = document
    .createNode('model')
    .setScale([scale, scale, scale])
    .setTranslation([...offset]);
  return model.setExtras({ reach });
}

export async function writePlacement(placement: Placement): Promise<Uint8Array> {
  const document = new Document();
  document.createScene('blocking').addChild(placed(document, placement));
  return new NodeIO().writeBinary(document);
}

export async function readPlacement(file: string): Promise<Placement> {
  return placementIn(await new NodeIO().read(file), file);
}

function placementIn(document: Document, file: string): Placement {
  const node = nodeOf(document, 'model', file);
  const reach = node.getExtras()['reach'];
  return {
    scale: node.getScale()[0],
    offset: asTriple(node.getTranslation()),
    reach: typeof reach === 'number' ? reach : 1,
  };
}

function nodeOf(document: Document, name: string, file: string): Node {
  const node = document
    .getRoot()
    .listNodes()
    .find((one) => one.getName() === name);
  if (node === undefined) throw new Error(`${file} has no node "${name}"`);
  return node;
}

export async function writeShot({ placement, fieldOfView, keys }: Shot): Promise<Uint8Array> {
  const document = new Document();
  const buffer = document.createBuffer();
  const accessor = (type: 'SCALAR' | 'VEC3' | 'VEC4', numbers: readonly number[]) =>
    document.createAccessor().setType(type).setArray(Float32Array.from(numbers)).setBuffer(buffer);
  const camera = document.createNode('camera').setCamera(
    document
      .createCamera('camera')
      .setType('perspective')
      .setYFov((fieldOfView * Math.PI) / 180)
      .setAspectRatio(16 / 9)
      .setZNear(0.01),
  );
  const light = document.createNode('key light');
  const first = keys[0]?.frame ?? 0;
  const times = accessor(
    'SCALAR',
    keys.map(({ frame }) => (frame - first) / framesPerSecond),
  );
  const animation = document.createAnimation('shot').setExtras({ frames: keys.map(({ frame }) => frame) });
  const animate = (node: Node, path: 'translation' | 'rotation', values: readonly number[]): Animation => {
    const output = accessor(path === 'rotation' ? 'VEC4' : 'VEC3', values);
    const sampler = document.createAnimationSampler().setInput(times).setOutput(output);
    const channel = document
      .createAnimationChannel()
      .setTargetNode(node)
      .setTargetPath(path)
      .setSampler(sampler);
    return animation.addSampler(sampler).addChannel(channel);
  };
  animate(
    camera,
    'translation',
    keys.flatMap((key) => key.camera),
  );
  animate(
    camera,
    'rotation',
    keys.flatMap((key) => key.cameraTurn),
  );
  animate(
    light,
    'translation',
    keys.flatMap((key) => key.light),
  );
  document.createScene('shot').addChild(placed(document, placement)).addChild(camera).addChild(light);
  return new NodeIO().writeBinary(document);
}

export async function readShot(file: string): Promise<Shot> {
  const document = await new NodeIO().read(file);
  const animation = document.getRoot().listAnimations()[0];
  const frames = (animation?.getExtras()['frames'] ?? []) as readonly number[];
  const values = (node: string, path: string): ArrayLike<number> => {
    const channel = animation
      ?.listChannels()
      .find((one) => one.getTargetNode()?.getName() === node && one.getTargetPath() === path);
    return channel?.getSampler()?.getOutput()?.getArray() ?? [];
  };
  const [camera, turn, light] = [
    values('camera', 'translation'),
    values('camera', 'rotation'),
    values('key light', 'translation'),
  ];
  const threeAt = (from: ArrayLike<number>, index: number): Triple => [
    from[index * 3]!,
    from[index * 3 + 1]!,
    from[index * 3 + 2]!,
  ];
  const keys = frames.map((frame, index) => ({
    frame,
    camera: threeAt(camera, index),
    cameraTurn: [0, 1, 2, 3].map((part) => turn[index * 4 + part]!) as [number, number, number, number],
    light: threeAt(light, index),
  }));
  const yFov = nodeOf(document, 'camera', file).getCamera()?.getYFov() ?? 0.5;
  return { placement: placementIn(document, file), fieldOfView: (yFov * 180) / Math.PI, keys };
}
