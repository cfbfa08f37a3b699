/** Frames over a `MessagePort` or anything like it, to a peer that has this library too. @module */

import type { Carrier, CarrierListener } from './carrier.ts';
import type { Emitting } from './events.ts';
import { Listening } from './events.ts';
import { tooLongFrame } from './too-long.ts';

/** A `MessagePort` of Node.js or of the web, a worker, or what an Electron window has. */
export interface PortLike extends Emitting {
  postMessage(message: unknown, transfer?: never[]): void;
  start?(): void;
  close?(): void;
}

/** A shorter frame is copied: moving memory takes longer. */
const leastMoved = 16 * 1024;

/** Electron's ports are emitters, and give events all the same: what was posted is in them. */
function unwrapped(given: unknown): unknown {
  const event = given as { readonly data?: unknown; readonly ports?: unknown } | null;
  return Array.isArray(event?.ports) && 'data' in (event as object) ? event?.data : given;
}

/** What arrives at a port: frames, and messages of others. */
export interface PortListener extends CarrierListener {
  /** Called with a message that is no frame. */
  other(message: unknown): void;
}

export class PortCarrier implements Carrier {
  readonly #port: PortLike;
  readonly #most: number;
  readonly #listening: Listening;
  #listener: PortListener | undefined;
  #isOver = false;

  /** Whether memory and ports of Node.js can be moved along: a port of Electron moves only ports of its own. */
  readonly moves: boolean;

  /** A port does not say how much it holds. */
  readonly buffered = 0;

  /** A worker drops what nobody listens to. */
  readonly mayHaveMissed = true;

  constructor(port: PortLike, most: number) {
    this.#port = port;
    this.#most = most;
    this.#listening = new Listening(port);
    // What has both ways to listen, or that of the web, is a port; a worker is known by its number.
    this.moves = port.addEventListener !== undefined || 'threadId' in port;
  }

  send(frame: Uint8Array): void {
    // Structured clone copies all of the memory that a view stands on.
    const own = frame.length === frame.buffer.byteLength ? frame : new Uint8Array(frame);
    this.post(own, this.moves && own.length >= leastMoved ? [own.buffer] : []);
  }

  /** Posts any message. */
  post(message: unknown, transfer: readonly unknown[] = []): void {
    if (!this.#isOver) this.#port.postMessage(message, transfer as never[]);
  }

  listen(listener: PortListener): void {
    this.#listener = listener;
    const isEmitter = this.#port.on !== undefined;
    this.#listening
      .on('message', isEmitter ? (data: unknown) => this.#receive(unwrapped(data)) : ({ data }) => this.#receive(data))
      .on('messageerror', () => this.#lose(new TypeError('A message could not be read')))
      .on('close', () => this.#lose(undefined))
      .on('exit', () => this.#lose(undefined));
    this.#port.start?.();
  }

  #receive(data: unknown): void {
    if (this.#isOver) return;
    if (!(data instanceof Uint8Array)) this.#listener?.other(data);
    else if (data.length > this.#most) this.#lose(tooLongFrame(data.length, this.#most));
    // Shared memory could change while it is read.
    else this.#listener?.receive(data.buffer instanceof ArrayBuffer ? data : Uint8Array.from(data));
  }

  #lose(cause: unknown): void {
    if (this.#isOver) return;
    this.close();
    this.#listener?.lost(cause);
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listening.stop();
    this.#port.close?.();
  }
}
