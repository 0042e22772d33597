/**
 * stdout and stderr of this process.
 *
 * Node makes its own streams from half of its network, 5 to 10 ms at the start of every command. A file or a pipe is
 * written by its descriptor instead, at once and in order, as Node does it there, too; terminals, and whoever reads
 * more slowly than we write, get Node's stream. Nothing else of this package writes to either.
 */
import type { Stream, Streams } from './terminal.ts';

export const ownStreams = (): Streams => ({
  out: ownStream(1, () => process.stdout),
  err: ownStream(2, () => process.stderr),
});

/** @param nodes the stream that Node makes of the descriptor, asked for only where it is needed */
export function ownStream(fd: number, nodes: () => NodeJS.WriteStream): Stream {
  const { fstatSync, writeSync } = process.getBuiltinModule('node:fs');
  if (!isPlain()) return watched(nodes());
  let slow: Stream | undefined;
  return {
    write(text) {
      if (slow !== undefined) return slow.write(text);
      let rest: Uint8Array = Buffer.from(text);
      try {
        while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EPIPE') leave();
        if (code !== 'EAGAIN') throw error;
        slow = watched(nodes());
        slow.write(rest);
      }
      return true;
    },
  };

  function isPlain(): boolean {
    try {
      const about = fstatSync(fd);
      return about.isFile() || about.isFIFO() || about.isSocket();
    } catch (error) {
      // Closed by whoever started us: Node knows what to do.
      if ((error as NodeJS.ErrnoException).code === 'EBADF') return false;
      throw error;
    }
  }
}

function watched(stream: NodeJS.WriteStream): Stream {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    leave();
  });
  return stream;
}

/** `pipl runs | head` closes our stdout: no error. */
function leave(): never {
  process.exit(0);
}
