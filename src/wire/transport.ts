/** The interface over which the messages of a lane travel, and its form over a `MessagePort`. @module */

import type { MessagePort, Transferable } from 'node:worker_threads';
import { takeAll } from '../codec/take-all.ts';
import { outside } from '../context/here.ts';
import { takeBell } from './bell.ts';
import { listenTo } from './listen.ts';
import type { LaneOffer } from './offer.ts';
import type { TicketBoard } from './tickets.ts';

/** Receives the messages of a transport. */
export interface TransportListener {
  readonly receive: (message: unknown[]) => void;

  /** Called when a message arrived that could not be read. */
  readonly unreadable: (error: unknown) => void;
}

/**
 * One end of a connection. Each message arrives once at the other end, in the order in which they were posted, until
 * one end closes. The code that made the transport tells when and why it ended.
 */
export interface Transport {
  /**
   * Sends a copy of `message` as it is now. The objects in `transfer` move, if the transport can do that.
   *
   * @throws A `DataCloneError` if `message` cannot be copied; then nothing was posted.
   */
  post(message: unknown[], transfer: readonly Transferable[]): void;

  /** Passes messages to `listener` in turns of the event loop, unless {@link take} passed them before. */
  listen(listener: TransportListener): void;

  /** Passes the messages that have arrived to `listener`, without waiting; gives whether there were any. */
  take(listener: TransportListener): boolean;

  /** Keeps the process alive for messages that may arrive, until `release`. */
  hold(): void;
  release(): void;

  /** Closes this end: no more messages are sent or read. */
  close(): void;

  /**
   * Calls `action` once this transport is closed, from whichever end, and can no longer keep the process alive. A
   * transport without this method may close unseen.
   */
  onClose?(action: () => void): void;
}

/** One end of a lane: its transport, and the memory that both ends share. */
export interface LaneEnd {
  readonly transport: Transport;
  readonly control: Int32Array;

  /** In a thread of a pool: see {@link LaneOffer}. */
  readonly tickets?: TicketBoard | undefined;
}

/** A transport over a `MessagePort`. */
export class PortTransport implements Transport {
  readonly #port: MessagePort;

  /** Rings at the other end after each message, and here for those that arrive; see `bell.ts`. */
  readonly #bell: MessagePort | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
    this.#bell = takeBell(port);
  }

  post(message: unknown[], transfer: readonly Transferable[]): void {
    if (transfer.length === 0) this.#port.postMessage(message);
    else this.#port.postMessage(message, transfer);
    this.#bell?.postMessage(undefined);
  }

  listen(listener: TransportListener): void {
    const bell = this.#bell;
    if (!bell) return listenTo(this.#port, listener);
    // One at a time, as a port gives them: what the first one starts comes before the second one.
    const ring = (): unknown => takeAll(this.#port, listener.receive, listener.unreadable, 1);
    // A port of Deno has the context of its first listener, and keeps the stores that a listener enters.
    bell.on('message', () => outside(ring));
  }

  take({ receive, unreadable }: TransportListener): boolean {
    return takeAll(this.#port, receive, unreadable);
  }

  hold(): void {
    (this.#bell ?? this.#port).ref();
  }

  release(): void {
    (this.#bell ?? this.#port).unref();
  }

  close(): void {
    this.#port.close();
    this.#bell?.close();
  }

  onClose(action: () => void): void {
    (this.#bell ?? this.#port).on('close', action);
  }
}

/** Opens the end that `offer` describes. */
export function endOf({ port, control, tickets }: LaneOffer): LaneEnd {
  return { transport: new PortTransport(port), control, tickets };
}
