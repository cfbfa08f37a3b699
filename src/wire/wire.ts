/** The main side's end of what joins it to a thread: a port, shared memory, and what keeps the process alive. @module */

import { MessageChannel } from 'node:worker_threads';
import { LaneWord, cellCount, firstCall, keptSenders } from './control.ts';
import type { DownRecord } from './messages.ts';
import type { LaneOffer } from './offer.ts';
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

/** The two ends of what joins two threads. */
export interface WireEnds {
  readonly near: LaneOffer;

  /** What the other thread needs to open its end. The port has to be transferred. */
  readonly far: LaneOffer;
}

/** Makes both ends. */
export function wireEnds(): WireEnds {
  // A port tells of messages in the context in which it was made, and keeps that.
  const { port1, port2 } = outside(() => new MessageChannel());
  const control = new Int32Array(new SharedArrayBuffer(cellCount * Int32Array.BYTES_PER_ELEMENT));
  control[LaneWord.next] = firstCall;
  control[LaneWord.depth] = (threadState()?.depth ?? 0) + 1;
  // Nothing waits for it yet.
  port1.unref();
  return { near: { port: port1, control }, far: { port: port2, control } };
}

/** All that are open: what threads have printed is not lost when the process ends. */
const open = shared('open wires', () => {
  const wires = new Set<{ look(): void }>();
  process.on('exit', () => {
    for (const wire of wires) wire.look();
  });
  return wires;
});

/**
 * Messages go down and come up, each in the order in which they were sent.
 *
 * Invariant: it keeps the process alive while, and only while, `hold` was called more often than `release` and it is not
 * suspended.
 */
export class Wire {
  readonly control: Int32Array;
  readonly outbox: Outbox<DownRecord>;
  readonly #transport: Transport;
  readonly #listener: TransportListener;
  #seen = 0;
  #holds = 0;
  #isSuspended = false;
  #thread: WiredThread | undefined;

  constructor({ transport, control }: LaneEnd, listener: TransportListener) {
    this.control = control;
    this.#transport = transport;
    this.#listener = listener;
    this.outbox = new Outbox(transport, control, WaitWord.down);
    transport.listen(listener);
    transport.release();
    open.add(this);
  }

  /** The thread at the other end, once it is known. */
  get threadId(): number | undefined {
    return this.#thread?.threadId;
  }

  /**
   * The `id` of the call that had begun last when the thread sent the message `number`; `undefined` if it has sent too many
   * since then.
   */
  senderOf(number: number): number | undefined {
    const sender = Atomics.load(this.control, LaneWord.senders + (number % keptSenders));
    // One more may be on its way.
    const since = (Atomics.load(this.control, LaneWord.up) + 1 - number) | 0;
    return since < keptSenders ? sender : undefined;
  }

  /** Reads what has arrived, without waiting to be told. */
  look(): void {
    const count = Atomics.load(this.control, LaneWord.up);
    if (count === this.#seen) return;
    this.#seen = count;
    this.drain();
  }

  /** Reads all there is. */
  drain(): void {
    this.#transport.take(this.#listener);
  }

  /** Nothing more is sent or read. */
  close(): void {
    open.delete(this);
    this.#transport.close();
  }

  /** Keeps the process alive until {@link release}. */
  hold(): void {
    this.#holds += 1;
    if (this.#holds === 1) this.#apply();
  }

  release(): void {
    this.#holds -= 1;
    if (this.#holds === 0) this.#apply();
  }

  /** Whether the process is to live on for what arrives. */
  get isHeld(): boolean {
    return this.#holds > 0;
  }

  /** Whether the thread can do nothing by itself, so that waiting for it is no reason to live on. */
  get isSuspended(): boolean {
    return this.#isSuspended;
  }

  set isSuspended(isSuspended: boolean) {
    if (this.#isSuspended === isSuspended) return;
    this.#isSuspended = isSuspended;
    if (this.#holds > 0) this.#apply();
  }

  /** The thread at the other end: its port closes before its end is known, so it has to be held as well. */
  attach(thread: WiredThread): void {
    this.#thread = thread;
    this.#apply();
  }

  #apply(): void {
    const isHeld = this.#holds > 0 && !this.#isSuspended;
    this.#transport[isHeld ? 'hold' : 'release']();
    this.#thread?.[isHeld ? 'ref' : 'unref']();
  }
}
