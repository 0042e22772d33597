/** A knot beside the name of the handbook that follows the pointer: drawn by rays on the CPU, so it needs no WebGL. */
import { Mesh, MeshBasicMaterial, Raycaster, TorusKnotGeometry, Vector2, PerspectiveCamera } from 'three';
import { acceleratedRaycast, computeBoundsTree } from 'three-mesh-bvh';

const size = 48;
const geometry = new TorusKnotGeometry(1, 0.34, 90, 14);
computeBoundsTree.call(geometry);
const knot = new Mesh(geometry, new MeshBasicMaterial());
knot.raycast = acceleratedRaycast;
const camera = new PerspectiveCamera(40, 1, 0.1, 10);
camera.position.z = 4.2;
camera.updateMatrixWorld();
const rays = new Raycaster();
rays.firstHitOnly = true;

function draw(context, x, y) {
  knot.rotation.set(y, x, 0);
  knot.updateMatrixWorld();
  const image = context.createImageData(size, size);
  for (let pixel = 0; pixel < size * size; pixel += 1) {
    const at = new Vector2(((pixel % size) / size) * 2 - 1, 1 - (Math.floor(pixel / size) / size) * 2);
    rays.setFromCamera(at, camera);
    const [hit] = rays.intersectObject(knot);
    if (hit === undefined) continue;
    const light = Math.max(0.15, hit.face.normal.clone().transformDirection(knot.matrixWorld).z);
    image.data.set([23 + 90 * light, 60 + 110 * light, 70 + 110 * light, 255], pixel * 4);
  }
  context.putImageData(image, 0, 0);
}

const canvas = document.createElement('canvas');
canvas.width = size;
canvas.height = size;
document.querySelector('nav')?.prepend(canvas);
const context = canvas.getContext('2d');
draw(context, 0.6, 0.4);
addEventListener('pointermove', ({ clientX, clientY }) =>
  requestAnimationFrame(() => draw(context, clientX / 300, clientY / 300)),
);
