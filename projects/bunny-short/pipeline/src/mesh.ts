/** Triangle meshes, and the .glb files that carry them. */
import { Document, NodeIO } from '@gltf-transform/core';
import { asTriple, type Triple } from './numbers.ts';

export interface Mesh {
  /** x, y, z of each vertex */
  readonly positions: Float32Array;
  readonly normals: Float32Array;
  /** red, green, blue of each vertex, linear 0..1 */
  readonly colors: Float32Array;
  /** three vertices of each triangle */
  readonly indices: Uint32Array;
}

export interface Bounds {
  readonly min: Triple;
  readonly max: Triple;
}

export function boundsOf(positions: Float32Array): Bounds {
  const min = [Infinity, Infinity, Infinity];
  const max = [-Infinity, -Infinity, -Infinity];
  for (let at = 0; at < positions.length; at += 1) {
    min[at % 3] = Math.min(min[at % 3]!, positions[at]!);
    max[at % 3] = Math.max(max[at % 3]!, positions[at]!);
  }
  return { min: asTriple(min), max: asTriple(max) };
}

/** Normals of the vertices: those of their triangles, weighted by area. */
export function normalsOf(positions: Float32Array, indices: Uint32Array): Float32Array {
  const normals = new Float32Array(positions.length);
  for (let at = 0; at < indices.length; at += 3) {
    const [a, b, c] = [indices[at]! * 3, indices[at + 1]! * 3, indices[at + 2]! * 3];
    const [ux, uy, uz] = [0, 1, 2].map((axis) => positions[b + axis]! - positions[a + axis]!) as [
      number,
      number,
      number,
    ];
    const [vx, vy, vz] = [0, 1, 2].map((axis) => positions[c + axis]! - positions[a + axis]!) as [
      number,
      number,
      number,
    ];
    const normal = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
    for (const vertex of [a, b, c])
      for (let axis = 0; axis < 3; axis += 1) normals[vertex + axis]! += normal[axis]!;
  }
  for (let at = 0; at < normals.length; at += 3) {
    const length = Math.hypot(normals[at]!, normals[at + 1]!, normals[at + 2]!) || 1;
    for (let axis = 0; axis < 3; axis += 1) normals[at + axis]! /= length;
  }
  return normals;
}

export async function writeMesh(mesh: Mesh, name: string): Promise<Uint8Array> {
  const document = new Document();
  const buffer = document.createBuffer();
  const accessor = (type: 'VEC3' | 'SCALAR', array: Float32Array | Uint32Array) =>
    document
      .createAccessor()
      .setType(type)
      .setArray(array as Float32Array<ArrayBuffer>)
      .setBuffer(buffer);
  const primitive = document
    .createPrimitive()
    .setAttribute('POSITION', accessor('VEC3', mesh.positions))
    .setAttribute('NORMAL', accessor('VEC3', mesh.normals))
    .setAttribute('COLOR_0', accessor('VEC3', mesh.colors))
    .setIndices(accessor('SCALAR', mesh.indices))
    .setMaterial(document.createMaterial(name).setRoughnessFactor(0.6).setMetallicFactor(0));
  const node = document.createNode(name).setMesh(document.createMesh(name).addPrimitive(primitive));
  document.createScene(name).addChild(node);
  return new NodeIO().writeBinary(document);
}

/** @throws Error when the file has no mesh with normals, colours and indices */
export async function readMesh(file: string): Promise<Mesh> {
  const document = await new NodeIO().read(file);
  const primitive = document.getRoot().listMeshes()[0]?.listPrimitives()[0];
  const array = (name: string) => primitive?.getAttribute(name)?.getArray();
  const [positions, normals, colors] = [array('POSITION'), array('NORMAL'), array('COLOR_0')];
  const indices = primitive?.getIndices()?.getArray();
  if (!positions || !normals || !colors || !indices) {
    throw new Error(`${file} has no mesh with positions, normals, colours and indices`);
  }
  return {
    positions: Float32Array.from(positions),
    normals: Float32Array.from(normals),
    colors: Float32Array.from(colors),
    indices: Uint32Array.from(indices),
  };
}
