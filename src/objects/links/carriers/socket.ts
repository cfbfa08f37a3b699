/** Frames over a socket, or any other stream of bytes in both directions. @module */

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Carrier, CarrierListener } from './carrier.ts';
import { endStream } from './closing.ts';
import { Listening } from './events.ts';
import { tooLongFrame } from './too-long.ts';

/** The bytes of a frame's length, which stand before it. */
const head = 4;

/** Each frame follows its length, a number of four bytes. A longer one than `most` bytes is not waited for. */
export class SocketCarrier implements Carrier {
  readonly #socket: Duplex;
  readonly #most: number;
  readonly #listening: Listening;
  #parts: Buffer[] = [];
  #size = 0;

  /** The size with which the next frame is complete, as far as it is known. */
  #need = head;
  #isOver = false;

  /** A stream keeps its bytes. */
  readonly mayHaveMissed = false;

  constructor(socket: Duplex, most: number) {
    this.#socket = socket;
    this.#most = most;
    this.#listening = new Listening(socket);
    // A socket that fails before anybody listens, or after the link is over, must not end the process.
    socket.on('error', () => undefined);
  }

  get buffered(): number {
    return this.#socket.writableLength;
  }

  send(frame: Uint8Array, sent?: () => void): void {
    if (this.#isOver || !this.#socket.writable) return;
    const length = Buffer.allocUnsafe(head);
    length.writeUInt32BE(frame.length);
    this.#socket.cork();
    this.#socket.write(length);
    // Another stream than a socket may pass its memory on.
    this.#socket.write(frame, this.#socket instanceof Socket && sent ? () => sent() : undefined);
    this.#socket.uncork();
  }

  listen(listener: CarrierListener): void {
    const lost = (cause: unknown): void => this.#lose(listener, cause);
    this.#listening
      .on('data', (chunk: Buffer) => this.#receive(chunk, listener))
      .on('drain', () => listener.drained())
      .on('error', lost)
      .on('end', () => lost(undefined))
      .on('close', () => lost(undefined));
    if (this.#socket.destroyed) lost(undefined);
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listening.stop();
    // What arrives is dropped, so that the end of the other side is seen.
    this.#socket.resume();
    endStream(this.#socket);
  }

  #lose(listener: CarrierListener, cause: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listening.stop();
    this.#socket.destroy();
    queueLost(listener, cause);
  }

  #receive(chunk: Buffer, listener: CarrierListener): void {
    this.#parts.push(chunk);
    this.#size += chunk.length;
    while (!this.#isOver && this.#size >= this.#need) {
      const all = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts, this.#size);
      const length = all.readUInt32BE(0);
      if (length > this.#most) return this.#lose(listener, tooLongFrame(length, this.#most));
      const end = head + length;
      this.#keep(all.length < end ? all : all.subarray(end));
      this.#need = all.length < end ? end : head;
      if (all.length >= end) listener.receive(all.subarray(head, end));
    }
  }

  #keep(rest: Buffer): void {
    this.#parts = rest.length > 0 ? [rest] : [];
    this.#size = rest.length;
  }
}

/** `lost` may come while `listen` runs, and is told after it. */
function queueLost(listener: CarrierListener, cause: unknown): void {
  process.nextTick(() => listener.lost(cause));
}
