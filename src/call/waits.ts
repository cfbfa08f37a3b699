/** What the thread of a lane waits for: callbacks that run here, and what others are to change. @module */

import type { Address } from '../address/address.ts';
import { unpackThrown } from '../codec/error-codec.ts';
import type { PackedThrown } from '../codec/error-codec.ts';
import type { Hole } from '../codec/hole.ts';
import type { Call } from './call.ts';
import { Callbacks } from './callbacks.ts';
import { EndlessWait } from '../wait/endless-wait.ts';
import type { SleepingPlace } from '../wait/endless-wait.ts';
import { forgetHolders } from '../wait/holders.ts';
import * as down from '../wire/down.ts';
import { Up } from '../wire/messages.ts';
import type { Fields } from '../wire/messages.ts';
import type { Wire } from '../wire/wire.ts';
import { WaitWord } from '../wait/words.ts';

/** Told of waits. */
export interface WaitsListener {
  /** The running call has begun to wait. */
  onWait(): void;

  /** A thread that blocks was answered, and may ask again at once. */
  onAnswer(): void;
}

/** Where a thread sleeps, and for which call. */
interface Sleep extends SleepingPlace {
  readonly id: number;
}

/**
 * The waits of one thread.
 *
 * Invariant: a thread that was told of an abort, or of a wait that was given up, is woken wherever it sleeps.
 */
export class Waits {
  /** Whether there ever was one: else nobody need look. */
  wereThere = false;

  /** Whether the thread may soon ask again. */
  isAskedSoon = false;

  readonly #wire: Wire;
  readonly #callbacks: Callbacks;
  readonly #endless: EndlessWait;
  readonly #listener: WaitsListener;

  /** Where the thread sleeps for answers. */
  readonly #line: SleepingPlace;

  /** As far as the thread has said. */
  #sleepsOn: Sleep | undefined;

  constructor(wire: Wire, listener: WaitsListener) {
    this.#wire = wire;
    this.#callbacks = new Callbacks(wire.outbox);
    this.#endless = new EndlessWait(wire);
    this.#line = { words: wire.control, at: WaitWord.down };
    this.#listener = listener;
  }

  /** Whether the thread blocks for `call` at this moment. */
  areFor({ sentAs }: Call): boolean {
    return Atomics.load(this.#wire.control, WaitWord.waiting) === sentAs;
  }

  /** What the thread says of the call `id`, which is `call` if it is out still. */
  hear(tag: number, id: number, call: Call | undefined, [first, second, third, fourth]: Fields): void {
    if (tag === Up.context) {
      const [variables, stores] = [first as unknown[], second as unknown[]];
      this.#callbacks.context({ variables, stores, holes: third as Hole[] | undefined });
    } else if (tag === Up.define) this.#callbacks.define(id, first as Address);
    else if (!call) return;
    else if (tag === Up.drop) call.runs.abort(first as number, unpackThrown(second as PackedThrown, {}));
    else if (tag === Up.sleeps) {
      this.#sleepsOn = { id, words: second as Int32Array, at: third as number };
      this.#sleeps(call, first as number, fourth as boolean);
    } else this.#callBack(tag, call, [first as number, second as number], third as unknown[], fourth as Hole[]);
  }

  /** Lets the thread look again at what it waits for, if it waits for `call`. */
  wake({ sentAs }: Call): void {
    nudge(this.#wire.control, WaitWord.down);
    if (this.#sleepsOn?.id === sentAs) nudge(this.#sleepsOn.words, this.#sleepsOn.at);
  }

  /** The thread has said something: it does not sleep. Or it has ended. */
  end(): void {
    this.#endless.end();
  }

  /** The call `id` is over. */
  forget(id: number): void {
    if (!this.wereThere) return;
    this.isAskedSoon = false;
    if (this.#sleepsOn?.id === id) this.#sleepsOn = undefined;
    const { threadId } = this.#wire;
    if (threadId !== undefined) forgetHolders(threadId);
  }

  #callBack(
    tag: number,
    call: Call,
    [replyId, callbackId]: readonly [number, number],
    args: unknown[],
    holes: Hole[] | undefined,
  ): void {
    this.wereThere = true;
    const isWaitedFor = tag !== Up.callback;
    let isAnswered = false;
    this.#callbacks.run(call, { replyId, callbackId, args, holes, isWaitedFor }, () => {
      isAnswered = true;
      this.#endless.end();
      if (!isWaitedFor) return;
      this.isAskedSoon = true;
      this.#listener.onAnswer();
    });
    // Most callbacks have settled when they return.
    if (isAnswered) return;
    if (tag === Up.endlessWait) this.#endless.begin(call, this.#line, () => this.#callbacks.giveUp(call, replyId));
    this.#listener.onWait();
  }

  /** The thread sleeps until somebody changes what it waits for. */
  #sleeps(call: Call, wait: number, isEndless: boolean): void {
    this.wereThere = true;
    // It was given up before it could be known where to wake the thread.
    if (call.isInterrupted) return this.wake(call);
    if (isEndless) {
      this.#endless.begin(call, this.#sleepsOn ?? this.#line, () => {
        this.#wire.outbox.send(down.giveUp(call.sentAs, wait));
        this.wake(call);
      });
    }
    this.#listener.onWait();
  }
}

/** Wakes who sleeps on `words[at]`, to look again. */
function nudge(words: Int32Array, at: number): void {
  Atomics.add(words, at, 1);
  Atomics.notify(words, at);
}
