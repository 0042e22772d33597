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
  readonly #socket: Socket;
  readonly #sink: Sink;
  readonly #ended = Promise.withResolvers<void>();
  #open = true;
  #held = false;
  #bytes = 0;

  /** Opens the reading end. Nothing is handed on before `start`. */
  constructor(path: string, sink: Sink) {
    this.path = path;
    this.#sink = sink;
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      this.#socket = new Socket({ fd: descriptor, readable: true, writable: false });
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
    this.#socket.on('error', (error) => {
      process.emitWarning(`Reading an action's output failed: ${messageOf(error)}`, {
        code: 'OPENJD_OUTPUT',
      });
    });
    this.#socket.on('close', () => {
      this.#open = false;
      this.#ended.resolve();
    });
  }

  /** Whether every writer is gone and everything was handed on. */
  get ended(): boolean {
    return !this.#open;
  }

  /** Settles when the pipe has ended or was closed. */
  get whenEnded(): Promise<void> {
    return this.#ended.promise;
  }

  start(): void {
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk));
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
    this.#socket.destroy();
  }

  /** An output nobody waits for must not keep the program alive. */
  unref(): void {
    this.#socket.unref();
  }

  async #endOr(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    await Promise.race([promise, this.#ended.promise]);
    clearTimeout(timer);
  }

  #take(chunk: Buffer): void {
    this.#bytes += chunk.length;
    const wait = this.#sink(chunk);
    if (!wait) return;
    this.#held = true;
    this.#socket.pause();
    void this.#resumeAfter(wait);
  }

  async #resumeAfter(wait: Promise<void>): Promise<void> {
    await wait;
    this.#held = false;
    this.#socket.resume();
  }
}
