/** Connects a consumer to the thread of its generator. @module */

import type { Transferable } from 'node:worker_threads';
import { Keeper, setImmediate } from '../base/clock.ts';
import type { Hole } from '../codec/walk/hole.ts';
import { packThrown } from '../codec/errors/codec.ts';
import { structuredClone } from '../base/intrinsics.ts';
import type { Call } from './call.ts';
import type { ItemLink } from '../channel/call-stream.ts';
import type { StreamLine } from './stream-line.ts';
import * as down from '../wire/down.ts';
import type { DownRecord } from '../wire/messages.ts';
import { RingWord, sizeOf, stopped, waiting } from '../channel/ring/ring.ts';
import type { Ring } from '../channel/ring/ring.ts';
import { postResult } from '../wire/post.ts';

/**
 * The link to the thread, also before the call has one; keeps the process alive meanwhile.
 *
 * Invariant: while the link is held, the lane keeps the process alive, or a timer if there is no lane yet. The link of
 * a detached call is never held.
 */
export class Link implements ItemLink<StreamLine<Call>> {
  readonly #call: Call;
  readonly #ring: Ring;
  readonly #maxSize: number;
  readonly #isDetached: boolean;
  #line: StreamLine<Call> | undefined;
  #isHeld = false;
  #keeper: Keeper | undefined;

  /** Whether the generator's thread will be woken in the next turn of the event loop. */
  #isWaking = false;

  /** Whether an item has arrived: from then on the call stays with its thread. */
  #hasBegun = false;

  /**
   * In lock-step: sends the request for the first item; called for each thread that the call is sent to until one
   * begins.
   */
  #first: (() => void) | undefined;

  /** Whether a thread was sent something that cannot be sent again: a transferred object, or an error. */
  #hasMoved = false;

  /** Errors to be thrown at the generator as soon as the call has a thread. */
  readonly #urgent: (() => void)[] = [];

  /** In lock-step: requests for the items after the first one, kept until that has arrived. */
  #later: (() => void)[] = [];

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

  /** Whether the call can be sent to another thread, as long as no thread has started it. */
  get isResendable(): boolean {
    return !this.#hasMoved;
  }

  attach(line: StreamLine<Call>): void {
    this.#line = line;
    this.#keeper?.letGo();
    this.#first?.();
    if (this.#urgent.length === 0) return;
    for (const post of this.#urgent.splice(0)) post();
    this.#hasMoved = true;
    this.wake();
  }

  detach(): void {
    this.#line = undefined;
    // The next thread must not start before it has received the value for the first item.
    if (!this.#hasBegun) Atomics.store(this.#ring.header, RingWord.asked, 0);
    if (this.#isHeld) this.#keep();
  }

  /** Called when an item was taken in lock-step, so that the generator has certainly started. */
  begun(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#first = undefined;
    for (const send of this.#later.splice(0)) send();
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

  /** Reads the messages that have arrived. */
  catchUp(): void {
    this.#line?.catchUp();
  }

  /**
   * In lock-step: lets the generator go on to the item `number` with `value`, which is posted or copied now.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE` if `value` cannot cross.
   */
  resume(number: number, value: unknown): void {
    postResult(value, false, (values, holes, transfer) => this.#resume(number, values, holes, transfer));
  }

  #resume(number: number, value: unknown[], holes: Hole[] | undefined, transfer: readonly Transferable[]): void {
    const isKept = !this.#hasBegun;
    const [values, moving] = isKept
      ? structuredClone([value, transfer], { transfer: [...transfer] })
      : [value, transfer];
    this.#go(number, () => {
      this.#post((id) => down.resume(id, number, values, holes), moving);
      this.#hasMoved ||= moving.length > 0;
    });
  }

  /** In lock-step: lets the generator go on to the item `number`. */
  ask(number: number): void {
    this.#go(number, undefined);
  }

  /**
   * Throws `error` at the generator's `yield`: in lock-step when the generator is asked for the item `number`, or at
   * once if `number` is `undefined`.
   */
  raise(number: number | undefined, error: unknown): void {
    const packed = packThrown(error);
    const post = (): void => this.#post((id) => down.raise(id, number, packed), []);
    if (number !== undefined) return this.#go(number, post);
    if (!this.#line) return void this.#urgent.push(post);
    post();
    this.#hasMoved = true;
    this.wake();
  }

  /** Wakes the generator's thread, to check again whether it may go on. */
  wake(): void {
    if (this.#rouse() === waiting.inLoop) this.#tellWake();
  }

  /** Called when items were taken: wakes a waiting generator if half of the ring is free, or else in the next turn. */
  tookSome(): void {
    // In lock-step the generator waits for requests, not for room.
    if (this.#maxSize === 0 || Atomics.load(this.#ring.header, RingWord.producer) === waiting.no) return;
    if (sizeOf(this.#ring) * 2 <= this.#maxSize) return this.wake();
    if (this.#isWaking) return;
    this.#isWaking = true;
    setImmediate(() => {
      this.#isWaking = false;
      this.wake();
    });
  }

  /** Tells the generator to end. Gives `false` if the generator has already thrown. */
  end(): boolean {
    const before = Atomics.compareExchange(this.#ring.header, RingWord.closed, stopped.no, stopped.byConsumer);
    // A generator that is not blocked may await something of its own: a message tells it.
    if (this.#rouse() !== waiting.asleep) this.#tellWake();
    return before !== stopped.byError;
  }

  /** Aborts the `callSignal()` of the generator. */
  interrupt(reason: unknown): void {
    this.#line?.interrupt(this.#call, reason);
  }

  /** Wakes the generator's thread if it sleeps; gives how it waited. */
  #rouse(): number {
    const { header } = this.#ring;
    const state = Atomics.exchange(header, RingWord.producer, waiting.no);
    if (state === waiting.asleep) Atomics.notify(header, RingWord.producer);
    return state;
  }

  #tellWake(): void {
    this.#line?.tell(down.wake(this.#call.sentAs));
  }

  /**
   * Asks for the item `number`, after `post` has sent what belongs to it; in lock-step, once the items before have
   * begun.
   */
  #go(number: number, post: (() => void) | undefined): void {
    const go = (): void => {
      post?.();
      Atomics.store(this.#ring.header, RingWord.asked, (number + 1) | 0);
      this.wake();
    };
    if (this.#hasBegun) go();
    else if (number === 0) {
      this.#first = go;
      if (this.#line) go();
    } else this.#later.push(go);
  }

  #post(record: (id: number) => DownRecord, transfer: readonly Transferable[]): void {
    this.#line?.tell(record(this.#call.sentAs), transfer);
    Atomics.add(this.#ring.header, RingWord.mailed, 1);
  }

  #keep(): void {
    this.#keeper = new Keeper();
    this.#keeper.hold();
  }
}
