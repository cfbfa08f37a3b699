/** The main side's end of the connection to a thread: a port, shared memory, and the hold on the process. @module */

import { MessageChannel } from 'node:worker_threads';
import { LaneWord, cellCount, firstCall, keptSenders } from './control.ts';
import type { DownRecord } from './messages.ts';
import { addBells } from './bell.ts';
import type { LaneOffer } from './offer.ts';
import { compileCacheHere } from '../base/compile-cache.ts';
import { outside } from '../context/here.ts';
import { shared, threadState } from '../base/realm.ts';
import { Outbox } from './outbox.ts';
import type { LaneEnd, Transport, TransportListener } from './transport.ts';
import { WaitWord } from '../wait/words.ts';

/** A thread, which can keep the process alive. */
export interface WiredThread {
  readonly threadId: number;
  ref(): void;
  unref(): void;
}

/** The two ends of a connection between two threads. */
export interface WireEnds {
  readonly near: LaneOffer;

  /** The end for the other thread. Its port has to be transferred. */
  readonly far: LaneOffer;
}

/** Makes both ends. */
export function wireEnds(): WireEnds {
  // A port calls its listeners in the async context in which it was made, and keeps that context alive.
  const { port1, port2 } = outside(() => {
    const ports = new MessageChannel();
    addBells(ports.port1, ports.port2);
    return ports;
  });
  const control = new Int32Array(new SharedArrayBuffer(cellCount * Int32Array.BYTES_PER_ELEMENT));
  control[LaneWord.next] = firstCall;
  control[LaneWord.depth] = (threadState()?.depth ?? 0) + 1;
  // No call is outstanding yet, so the port must not keep the process alive.
  port1.unref();
  return { near: { port: port1, control }, far: { port: port2, control, compiled: compileCacheHere() } };
}

/** All open wires: they are read when the process ends, so that no output of threads is lost. */
const open = shared('open wires', () => {
  const wires = new Set<{ look(): void }>();
  process.on('exit', () => {
    for (const wire of wires) wire.look();
  });
  return wires;
});

/**
 * The connection to a thread; messages arrive in the order in which they were sent, in each direction.
 *
 * Invariant: the wire keeps the process alive while, and only while, `hold` was called more often than `release` and
 * the wire is not suspended.
 */
export class Wire {
  readonly control: Int32Array;
  readonly outbox: Outbox<DownRecord>;

  /** The thread at the other end, once it is known. A field, because each call reads it; only this class writes it. */
  threadId: number | undefined;

  /** {@link isSuspended}, to be read after each message: a field is cheaper. Only this class writes it. */
  sleeps = false;
  readonly #transport: Transport;
  readonly #listener: TransportListener;
  #seen = 0;
  #holds = 0;
  #thread: WiredThread | undefined;

  /**
   * Whether the thread is held, too: the transport alone keeps the process alive until it is closed, which happens before
   * the thread's end is known.
   */
  #holdsThread: boolean;

  constructor({ transport, control }: LaneEnd, listener: TransportListener) {
    this.control = control;
    this.#transport = transport;
    this.#listener = listener;
    this.outbox = new Outbox(transport, control, WaitWord.down);
    transport.listen(listener);
    transport.release();
    this.#holdsThread = transport.onClose === undefined;
    transport.onClose?.(() => this.#closed());
    open.add(this);
  }

  /**
   * The `id` of the call that had begun last when the thread sent the message `number`; `undefined` if the thread has
   * sent too many messages since.
   */
  senderOf(number: number): number | undefined {
    const sender = Atomics.load(this.control, LaneWord.senders + (number % keptSenders));
    // The thread may be sending one more message, which is not counted yet.
    const since = (Atomics.load(this.control, LaneWord.up) + 1 - number) | 0;
    return since < keptSenders ? sender : undefined;
  }

  /** Reads the messages that have arrived, without waiting for the event loop. */
  look(): void {
    const count = Atomics.load(this.control, LaneWord.up);
    if (count === this.#seen) return;
    this.#seen = count;
    this.drain();
  }

  /** Reads all messages, whatever the count in shared memory says. */
  drain(): void {
    this.#transport.take(this.#listener);
  }

  /** Closes the port: no more messages are sent or read. */
  close(): void {
    open.delete(this);
    this.#transport.close();
  }

  /** Keeps the process alive until {@link release}. */
  hold(): void {
    this.#holds += 1;
    if (this.#holds > 1) return;
    if (this.#holdsThread || this.sleeps) this.#apply();
    else this.#transport.hold();
  }

  release(): void {
    this.#holds -= 1;
    if (this.#holds > 0) return;
    if (this.#holdsThread) this.#apply();
    else this.#transport.release();
  }

  /** Whether the wire is held, and keeps the process alive unless it is suspended. */
  get isHeld(): boolean {
    return this.#holds > 0;
  }

  /**
   * Whether the thread waits without a timeout: then it does nothing by itself, and does not keep the process alive.
   */
  get isSuspended(): boolean {
    return this.sleeps;
  }

  set isSuspended(isSuspended: boolean) {
    if (this.sleeps === isSuspended) return;
    this.sleeps = isSuspended;
    if (this.#holds > 0) this.#apply();
  }

  /** Sets the thread at the other end. */
  attach(thread: WiredThread): void {
    this.#thread = thread;
    this.threadId = thread.threadId;
    if (!this.#holdsThread) thread.unref();
    this.#apply();
  }

  /** A thread that was told to end keeps the process alive by itself until it has, and must not be let go. */
  #closed(): void {
    this.#holdsThread = true;
    if (this.#keepsAlive) this.#thread?.ref();
  }

  get #keepsAlive(): boolean {
    return this.#holds > 0 && !this.sleeps;
  }

  #apply(): void {
    const isHeld = this.#keepsAlive;
    if (isHeld) this.#transport.hold();
    else this.#transport.release();
    if (!this.#holdsThread) return;
    if (isHeld) this.#thread?.ref();
    else this.#thread?.unref();
  }
}
