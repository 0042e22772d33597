/**
 * Two named pipes to a process that is not this one's child: lines go in, lines come out.
 *
 * The writing end is opened for both ways, which never waits and ends for the reader when this process ends;
 * the reading end sees its end when the last writer is gone.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';

import { systemCode } from './errors.ts';
import type { NamedPipes } from './named-pipes.ts';

export interface LineListener {
  readonly line: (line: string) => void;
  /** Once, after the last line. */
  readonly end: () => void;
}

export class PipePair {
  /** Where the other process reads. */
  readonly input: string;
  /** Where it writes. */
  readonly output: string;
  readonly #writing: number;
  readonly #reading: Socket;
  #open = true;

  private constructor(input: string, output: string) {
    const { O_RDWR, O_RDONLY, O_NONBLOCK } = constants;
    this.input = input;
    this.output = output;
    this.#writing = openSync(input, O_RDWR | O_NONBLOCK);
    const descriptor = openSync(output, O_RDONLY | O_NONBLOCK);
    this.#reading = new Socket({ fd: descriptor, readable: true, writable: false });
    this.#reading.setEncoding('utf8');
    // Whatever it is, 'close' follows and is heard.
    this.#reading.on('error', () => undefined);
  }

  /** Rejects with the system's error. */
  static async make(pipes: NamedPipes): Promise<PipePair> {
    const [input, output] = [await pipes.take(), await pipes.take()];
    return new PipePair(input, output);
  }

  /** False when the other process has long not read. */
  write(text: string): boolean {
    if (!this.#open) return false;
    try {
      return writeSync(this.#writing, text) === Buffer.byteLength(text);
    } catch (error) {
      if (systemCode(error) === 'EAGAIN') return false;
      throw error;
    }
  }

  /** What comes up to `mark`, the last thing said for now. Call it before `listen`. Rejects when it does not come. */
  async greeting(mark: string, milliseconds: number): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    let text = '';
    const take = (chunk: string) => {
      text += chunk;
      if (text.endsWith(mark)) resolve(text.slice(0, -mark.length));
    };
    const alarm = setTimeout(() => reject(silent(milliseconds)), milliseconds);
    const ended = () => reject(silent(0));
    this.#reading.on('data', take).once('close', ended);
    try {
      return await promise;
    } finally {
      clearTimeout(alarm);
      this.#reading.removeListener('data', take).removeListener('close', ended).pause();
    }
  }

  listen({ line, end }: LineListener): void {
    let unread = '';
    this.#reading.on('data', (text: string) => {
      const lines = (unread + text).split('\n');
      unread = lines.pop() ?? '';
      for (const one of lines) line(one);
    });
    this.#reading.once('close', () => {
      this.close();
      end();
    });
    this.#reading.resume();
  }

  keepAlive(alive: boolean): void {
    if (alive) this.#reading.ref();
    else this.#reading.unref();
  }

  /** The other process finds the end of its input. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#writing);
    this.#reading.destroy();
  }
}

const silent = (milliseconds: number) =>
  new Error(milliseconds === 0 ? 'it ended at once' : `no answer within ${milliseconds / 1000} s`);
