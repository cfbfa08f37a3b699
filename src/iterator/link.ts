/** What joins a consumer to the thread of its generator. @module */

import type { Transferable } from 'node:worker_threads';
import { Keeper, setImmediate } from '../clock.ts';
import type { Hole } from '../codec/hole.ts';
import { packThrown } from '../codec/error-codec.ts';
import { structuredClone } from '../intrinsics.ts';
import type { Call } from '../lane/call.ts';
import type { StreamLine } from '../lane/call-stream.ts';
import { Down } from '../lane/messages.ts';
import type { DownRecord } from '../lane/messages.ts';
import { Field, sizeOf, stopped, waiting } from '../stream/ring.ts';
import type { Ring } from '../stream/ring.ts';

/**
 * The line to the thread, from before there is one; and what keeps the process alive meanwhile.
 *
 * Invariant: while it is held, the line keeps the process alive, or without one a timer does; one of a detached call is
 * never held.
 */
export class Link {
  readonly #call: Call;
  readonly #ring: Ring;
  readonly #maxSize: number;
  readonly #isDetached: boolean;
  #line: StreamLine | undefined;
  #isHeld = false;
  #keeper: Keeper | undefined;

  /** Whether the generator's thread will be woken when the loop has turned. */
  #isWaking = false;

  /** What could not be sent yet: the call has no thread. */
  readonly #unsent: (() => void)[] = [];

  constructor(call: Call, ring: Ring, maxSize: number) {
    this.#call = call;
    this.#ring = ring;
    this.#maxSize = maxSize;
    this.#isDetached = call.plan.detach === true;
  }

  /** Whether the call has a thread. */
  get isAttached(): boolean {
    return this.#line !== undefined;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  attach(line: StreamLine): void {
    this.#line = line;
    this.#keeper?.letGo();
    for (const send of this.#unsent.splice(0)) send();
  }

  detach(): void {
    this.#line = undefined;
    if (this.#isHeld) this.#keep();
  }

  /** Keeps the process alive until {@link letGo}, unless the call is detached. */
  hold(): void {
    if (this.#isHeld || this.#isDetached) return;
    this.#isHeld = true;
    if (this.#line) this.#line.hold();
    else this.#keep();
  }

  letGo(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#keeper?.letGo();
    this.#line?.release();
  }

  /** Reads what has arrived. */
  catchUp(): void {
    this.#line?.catchUp();
  }

  /** Gives the generator a value when it is asked for the item `number`. The value is posted, or copied, now. */
  resume(number: number, value: unknown[], holes: Hole[] | undefined, transfer: readonly Transferable[]): void {
    const values = this.#line ? value : structuredClone(value);
    this.#send((id) => [Down.resume, id, number, values, holes, undefined], transfer);
  }

  /** Throws `error` at the generator's `yield`: when it is asked for the item `number`, or at once. */
  raise(number: number | undefined, error: unknown): void {
    const packed = packThrown(error);
    this.#send((id) => [Down.raise, id, number, packed, undefined, undefined], []);
  }

  /** Lets the generator's thread look again at what it waits for. */
  wake(): void {
    if (this.#rouse() === waiting.inLoop) this.#tellWake();
  }

  /** There is room: wakes the generator's thread when half of it is free, or else once the loop has turned. */
  tookSome(): void {
    // In lock-step it does not wait for room.
    if (this.#maxSize === 0 || Atomics.load(this.#ring.header, Field.producer) === waiting.no) return;
    if (sizeOf(this.#ring) * 2 <= this.#maxSize) return this.wake();
    if (this.#isWaking) return;
    this.#isWaking = true;
    setImmediate(() => {
      this.#isWaking = false;
      this.wake();
    });
  }

  /** Tells the generator to end, and says whether it has not thrown before. */
  end(): boolean {
    const before = Atomics.compareExchange(this.#ring.header, Field.closed, stopped.no, stopped.byConsumer);
    // One that awaits an item itself is closed all the same.
    if (this.#rouse() !== waiting.asleep) this.#tellWake();
    return before !== stopped.byError;
  }

  /** Lets `callSignal()` tell the generator. */
  interrupt(reason: unknown): void {
    this.#line?.interrupt(reason);
  }

  /** Wakes a thread that sleeps; gives how it waited. */
  #rouse(): number {
    const { header } = this.#ring;
    const state = Atomics.exchange(header, Field.producer, waiting.no);
    if (state === waiting.asleep) Atomics.notify(header, Field.producer);
    return state;
  }

  #tellWake(): void {
    this.#line?.tell([Down.wake, this.#call.sentAs, undefined, undefined, undefined, undefined]);
  }

  #send(record: (id: number) => DownRecord, transfer: readonly Transferable[]): void {
    const send = (): void => {
      this.#line?.tell(record(this.#call.sentAs), transfer);
      Atomics.add(this.#ring.header, Field.mailed, 1);
      this.wake();
    };
    if (this.#line) send();
    else this.#unsent.push(send);
  }

  #keep(): void {
    this.#keeper = new Keeper();
    this.#keeper.hold();
  }
}
