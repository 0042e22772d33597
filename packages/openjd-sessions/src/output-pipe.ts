/**
 * The reading end of one action's output: a named pipe, read with back-pressure.
 *
 * A named pipe and not Node's own `pipe`, which is a socket: programs may open
 * `/dev/stderr` again, which a socket refuses, and the shell helper can open it by name.
 *
 * An action ends when its program does, though a grandchild may hold the pipe for hours:
 * `drain` waits for silence, never for the end.
 */
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';

import { messageOf } from './errors.ts';

/** Takes bytes. A promise holds back further reading until it settles; it never rejects. */
export type Sink = (chunk: Buffer) => Promise<void> | undefined;

/** More than a pipe and a socket buffer can hold: what came before the end has then been read. */
const buffered = 2 ** 18;

export class OutputPipe {
  readonly path: string;
  readonly #descriptor: number;
  readonly #sink: Sink;
  #socket: Socket | undefined;
  readonly #ended = Promise.withResolvers<void>();
  #open = true;
  #held = false;
  #bytes = 0;

  /** Opens the reading end. Nothing is handed on before `start`. @throws a system error */
  constructor(path: string, sink: Sink) {
    this.path = path;
    this.#sink = sink;
    this.#descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  }

  /** Whether every writer is gone and everything was handed on. */
  get ended(): boolean {
    return !this.#open;
  }

  /** Settles when the pipe has ended or was closed. */
  get whenEnded(): Promise<void> {
    return this.#ended.promise;
  }

  /** Begins to read. Making a stream takes as long as forking: there is time for it once the program runs. @throws a system error */
  start(): void {
    const socket = new Socket({ fd: this.#descriptor, readable: true, writable: false });
    this.#socket = socket;
    socket.on('error', (error) => {
      process.emitWarning(`Reading an action's output failed: ${messageOf(error)}`, {
        code: 'OPENJD_OUTPUT',
      });
    });
    socket.on('close', () => this.#end());
    socket.on('data', (chunk: Buffer) => this.#take(chunk, socket));
  }

  /** Waits for the end, for `quietMs` without output, or for `mostMs`; what was written before is read. */
  async drain({ quietMs, mostMs }: { quietMs: number; mostMs: number }): Promise<void> {
    const deadline = performance.now() + mostMs;
    const before = this.#bytes;
    while (this.#open && this.#bytes - before < buffered && (this.#held || performance.now() < deadline)) {
      const seen = this.#bytes;
      await this.#endOr(quietMs);
      // A busy event loop fires timers late and before it reads: let it read once more.
      await setImmediate();
      if (this.#bytes === seen && !this.#held) return;
    }
  }

  /** Stops reading. A process that still writes gets SIGPIPE. */
  close(): void {
    if (this.#socket) this.#socket.destroy();
    else if (this.#open) {
      closeSync(this.#descriptor);
      this.#end();
    }
  }

  /** An output nobody waits for must not keep the program alive. */
  unref(): void {
    this.#socket?.unref();
  }

  #end(): void {
    this.#open = false;
    this.#ended.resolve();
  }

  async #endOr(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    await Promise.race([promise, this.#ended.promise]);
    clearTimeout(timer);
  }

  #take(chunk: Buffer, socket: Socket): void {
    this.#bytes += chunk.length;
    const wait = this.#sink(chunk);
    if (!wait) return;
    this.#held = true;
    socket.pause();
    void this.#resumeAfter(wait, socket);
  }

  async #resumeAfter(wait: Promise<void>, socket: Socket): Promise<void> {
    await wait;
    this.#held = false;
    socket.resume();
  }
}
