/** Frames over a WebSocket: that of the standard, or of the package `ws`. @module */

import { Socket } from 'node:net';
import { after } from '../../../base/clock.ts';
import { Promise } from '../../../base/intrinsics.ts';
import type { Carrier, CarrierListener } from './carrier.ts';
import type { Emitting } from './events.ts';
import { Listening } from './events.ts';
import { tooLongFrame } from './too-long.ts';

/** The parts of a WebSocket that a link uses. */
export interface WebSocketLike extends Emitting {
  readonly readyState: number;
  readonly bufferedAmount: number;
  binaryType: string;
  send(data: Uint8Array, sent?: (error?: Error | null) => void): void;
  close(code?: number): void;

  /** Only that of `ws` has it. */
  terminate?(): void;

  /** That of `ws` has a socket, which says when memory is free. If it is some other stream, that may pass memory on. */
  readonly _socket?: unknown;
}

const open = 1;
const connecting = 0;

/** How long the other side may take to answer the end, in milliseconds, before the connection is cut. */
const patience = 1_000;

/** A connection with so few bytes that have not left, beside the head of ws, is not slow, for whatever bound. */
const little = 128;

/** How often a WebSocket that does not tell is asked whether what was sent has left, in milliseconds. */
const askEvery = 5;

export class WebSocketCarrier implements Carrier {
  readonly #socket: WebSocketLike;
  readonly #most: number;
  readonly #listening: Listening;
  #listener: CarrierListener | undefined;

  /** The frames that wait for the connection to open. */
  #early: (readonly [frame: Uint8Array, sent: (() => void) | undefined])[] = [];
  #isAsking = false;

  /** Whether it was open; it may be closing by now, and then drops what is sent. To ask it each time costs four calls. */
  #isOpen = false;

  /** How many messages wait for blobs to be read, and when the last of them is passed on. */
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();
  #isOver = false;

  /** One that is open drops what nobody listens to. */
  readonly mayHaveMissed: boolean;

  constructor(socket: WebSocketLike, most: number) {
    this.#socket = socket;
    this.#most = most;
    this.#listening = new Listening(socket);
    new Listening(socket).on('error', () => undefined);
    socket.binaryType = socket.on ? 'nodebuffer' : 'arraybuffer';
    this.#isOpen = socket.readyState === open;
    this.mayHaveMissed = this.#isOpen;
  }

  get buffered(): number {
    return this.#socket.bufferedAmount;
  }

  send(frame: Uint8Array, sent?: () => void, buffered?: number): void {
    if (this.#isOver) return;
    const socket = this.#socket;
    if (!this.#isOpen) {
      if (socket.readyState === connecting) this.#early.push([frame, sent]);
    } else if (!socket.on) {
      socket.send(frame);
      this.#ask();
    } else if (sent && socket._socket instanceof Socket) socket.send(frame, () => this.#sentAll(sent));
    // To be told costs more than to send. What is little and alone leaves at once.
    else if (frame.length <= little && (buffered ?? socket.bufferedAmount) === 0) socket.send(frame);
    else socket.send(frame, this.#sent);
  }

  #sentAll(sent: () => void): void {
    sent();
    this.#sent();
  }

  readonly #sent = (): void => {
    if (!this.#isOver) this.#listener?.drained();
  };

  /** The standard has no event for it. */
  #ask(): void {
    if (this.#isAsking || this.#socket.bufferedAmount === 0) return;
    this.#isAsking = true;
    after(askEvery, () => {
      this.#isAsking = false;
      this.#sent();
      if (!this.#isOver) this.#ask();
    });
  }

  listen(listener: CarrierListener): void {
    this.#listener = listener;
    this.#listening
      .on('open', () => {
        this.#isOpen = true;
        for (const [frame, sent] of this.#early.splice(0)) this.send(frame, sent);
      })
      .on('message', this.#socket.on ? this.#receive : ({ data }) => this.#receive(data))
      .on('error', (cause: unknown) => this.#lose(cause))
      .on('close', () => this.#lose(undefined));
    if (this.#socket.readyState > open) process.nextTick(() => this.#lose(undefined));
  }

  /** Most messages are bytes that nothing is in the way of: one function passes them on. */
  readonly #receive = (data: unknown): void => {
    if (this.#isOver) return;
    if (data instanceof Uint8Array && this.#waiting === 0 && data.length <= this.#most) this.#listener?.receive(data);
    // Also what arrives while a blob is read has to wait for it.
    else if (this.#waiting > 0 || isBlob(data)) this.#last = this.#receiveAfter(this.#last, data);
    else this.#take(bytesOf(data));
  };

  /** Reads blobs, in order: a WebSocket of the standard gives them if it is told to. */
  async #receiveAfter(before: Promise<void>, data: unknown): Promise<void> {
    this.#waiting += 1;
    await before;
    // One that cannot be read is no frame.
    const bytes = isBlob(data) ? await data.arrayBuffer().catch(() => undefined) : data;
    this.#waiting -= 1;
    if (!this.#isOver) this.#take(bytesOf(bytes));
  }

  #take(frame: Uint8Array | undefined): void {
    if (!frame) this.#lose(new TypeError('The other side has sent a text'));
    else if (frame.length > this.#most) this.#lose(tooLongFrame(frame.length, this.#most));
    else this.#listener?.receive(frame);
  }

  #lose(cause: unknown): void {
    if (this.#isOver) return;
    this.close();
    // An event of the web has the error in it.
    const error: unknown = cause instanceof Error ? cause : (cause as { error?: unknown } | undefined)?.error;
    this.#listener?.lost(error instanceof Error ? error : undefined);
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listening.stop();
    this.#early = [];
    if (this.#socket.readyState > open) return;
    this.#socket.close(1000);
    if (!this.#socket.terminate) return;
    const cut = after(patience, () => this.#socket.terminate?.());
    new Listening(this.#socket).on('close', () => cut.cancel());
  }
}

const isBlob = (data: unknown): data is { arrayBuffer(): Promise<unknown> } =>
  !(data instanceof Uint8Array) && typeof (data as { arrayBuffer?: unknown } | null)?.arrayBuffer === 'function';

/** The bytes of a message; `undefined` for a text. */
function bytesOf(data: unknown): Uint8Array | undefined {
  if (data instanceof Uint8Array) return data;
  return data instanceof ArrayBuffer ? new Uint8Array(data) : undefined;
}
