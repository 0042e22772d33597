/** The boxes of an MP4 file (ISO/IEC 14496-12): each has a size, a type of four letters, and other boxes or data inside. */

export interface Box {
  readonly type: string;
  /** of what is inside: byte offset in the file */
  readonly start: number;
  readonly end: number;
}

const containers = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl', 'edts', 'udta']);

/** Every box, outer ones before those inside. @throws RangeError when a size leads out of its container */
export function boxesOf(bytes: Uint8Array, from = 0, to = bytes.length): Box[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const boxes: Box[] = [];
  for (let at = from; at + 8 <= to;) {
    const short = view.getUint32(at);
    const header = short === 1 ? 16 : 8;
    const size = short === 1 ? Number(view.getBigUint64(at + 8)) : short === 0 ? to - at : short;
    if (size < header || at + size > to)
      throw new RangeError(`the box at byte ${at} does not fit into the file`);
    const box = {
      type: String.fromCodePoint(...bytes.subarray(at + 4, at + 8)),
      start: at + header,
      end: at + size,
    };
    boxes.push(box, ...(containers.has(box.type) ? boxesOf(bytes, box.start, box.end) : []));
    at += size;
  }
  return boxes;
}
