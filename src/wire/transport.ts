/** What the messages of a lane travel over: a port between threads; a network, or a pair in one process, if it is one. @module */

import type { MessagePort, Transferable } from 'node:worker_threads';
import { takeAll } from '../codec/take-all.ts';
import type { LaneOffer } from './offer.ts';

/** Told of messages. */
export interface TransportListener {
  readonly receive: (message: unknown[]) => void;

  /** A message came that could not be read. */
  readonly unreadable: (error: unknown) => void;
}

/**
 * One end. Each message arrives once at the other end, in the order in which they were posted, until one of them closes;
 * who has made the transport says why it has ended, and when.
 */
export interface Transport {
  /**
   * Takes `message` as it is now. What is in `transfer` moves, where the transport can do that.
   *
   * @throws A `DataCloneError` if it cannot be copied; then nothing was posted.
   */
  post(message: unknown[], transfer: readonly Transferable[]): void;

  /** Tells `listener` of each message that nobody has taken, in a turn of the loop. */
  listen(listener: TransportListener): void;

  /** Gives what has arrived to `listener`, without waiting; says whether there was something. */
  take(listener: TransportListener): boolean;

  /** Lets the process live on for what may arrive, or not. */
  hold(): void;
  release(): void;

  /** Nothing more is sent or read. */
  close(): void;
}

/** What a lane stands on: its messages, and the memory that both ends share. */
export interface LaneEnd {
  readonly transport: Transport;
  readonly control: Int32Array;
}

/** Over a `MessagePort`. */
export class PortTransport implements Transport {
  readonly #port: MessagePort;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  post(message: unknown[], transfer: readonly Transferable[]): void {
    this.#port.postMessage(message, transfer);
  }

  listen(listener: TransportListener): void {
    this.#port.on('message', listener.receive);
    this.#port.on('messageerror', listener.unreadable);
  }

  take({ receive, unreadable }: TransportListener): boolean {
    return takeAll(this.#port, receive, unreadable);
  }

  hold(): void {
    this.#port.ref();
  }

  release(): void {
    this.#port.unref();
  }

  close(): void {
    this.#port.close();
  }
}

/** The end that `offer` is for. */
export function endOf({ port, control }: LaneOffer): LaneEnd {
  return { transport: new PortTransport(port), control };
}
