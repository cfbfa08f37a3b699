/** Tracks the waits of one thread: for answers of callbacks, and for changes by other threads. @module */

import { after } from '../../base/clock.ts';
import type { Call } from '../call.ts';
import { EndlessWait } from '../../wait/endless-wait.ts';
import type { SleepingPlace } from '../../wait/endless-wait.ts';
import { forgetHolders } from '../../wait/holders.ts';
import { poll } from '../../wait/poll.ts';
import { WaitWord } from '../../wait/words.ts';
import * as down from '../../wire/down.ts';
import type { Wire } from '../../wire/wire.ts';

/** Told of waits. */
interface WaitsListener {
  /** Called when the running call has begun to wait. */
  onWait?(): void;
}

/** The word on which a thread sleeps, and for which call. */
interface Sleep extends SleepingPlace {
  readonly id: number;
}

/** The lane, which is polled when the thread may call back again at once. */
type WaitingLane = Parameters<typeof poll>[0] & {
  /** How many calls are outstanding. */
  readonly load: number;
};

/**
 * After which time a wait for a callback is told of if the lane is not polled, in milliseconds: by then, most callbacks
 * have settled.
 */
const silentTime = 1;

/** The waits that will be told of when the time is over, and whether it runs. */
const silent = new Set<Waits>();
let isSilent = false;

function tellAll(): void {
  isSilent = false;
  const all = [...silent];
  silent.clear();
  for (const waits of all) waits.tell();
}

/**
 * The waits of one thread.
 *
 * Invariant: a thread that was told of an abort, or of a wait that was given up, is woken wherever it sleeps.
 */
export class Waits {
  /** Whether the thread has ever waited: until then, the other checks are skipped. */
  wereThere = false;

  /** Whether the thread may soon call back again. */
  isAskedSoon = false;

  readonly #wire: Wire;
  readonly #endless: EndlessWait;
  readonly #listener: WaitsListener;
  readonly #lane: WaitingLane;

  /** The word on which the thread sleeps for answers. */
  readonly #line: SleepingPlace;

  /** A callback that has returned a promise, which most settle before the event loop turns; and what ends its wait. */
  #due: { readonly call: Call; giveUp: (() => void) | undefined } | undefined;

  /** Whether the callback that is due was called just now. */
  #isNew = false;

  /** Whether the lane was to be polled since the thread last asked. */
  #isPolled = false;

  /** The word on which the thread last said that it sleeps. */
  #sleepsOn: Sleep | undefined;

  constructor(wire: Wire, listener: WaitsListener, lane: WaitingLane) {
    this.#wire = wire;
    this.#endless = new EndlessWait(wire);
    this.#line = { words: wire.control, at: WaitWord.down };
    this.#listener = listener;
    this.#lane = lane;
  }

  /** Whether the thread blocks for `call` at this moment. */
  areFor({ sentAs }: Call): boolean {
    return Atomics.load(this.#wire.control, WaitWord.waiting) === sentAs;
  }

  /** Wakes the thread if it waits for `call`, to check again. */
  wake({ sentAs }: Call): void {
    nudge(this.#wire.control, WaitWord.down);
    if (this.#sleepsOn?.id === sentAs) nudge(this.#sleepsOn.words, this.#sleepsOn.at);
  }

  /** The id of the thread, once that is known. */
  get threadId(): number | undefined {
    return this.#wire.threadId;
  }

  /** Called when the thread has sent a message, so that it no longer sleeps, or has ended. */
  end(): void {
    this.#due = undefined;
    this.#endless.end();
  }

  /** Called when the call is over. */
  forget({ sentAs, definition }: Call): void {
    this.isAskedSoon = false;
    if (this.#sleepsOn?.id === sentAs) this.#sleepsOn = undefined;
    // Another call may be about to take hold of a primitive.
    if (definition.overlaps) return;
    const { threadId } = this;
    if (threadId !== undefined) forgetHolders(threadId);
  }

  /**
   * Called when a callback of `call` returned a promise. If the thread blocks for it without a timeout, `giveUp` ends
   * that. The wait begins when the lane is polled next, or soon: most callbacks have settled by then.
   */
  awaits(call: Call, giveUp: (() => void) | undefined): void {
    if (this.#due !== undefined) this.tell();
    this.#due = { call, giveUp };
    this.#isPolled = true;
    this.#isNew = true;
    poll(this.#lane);
    this.#isNew = false;
  }

  /** Called when the lane is not polled, or not any more. */
  rest(): void {
    this.isAskedSoon = false;
    if (this.#isNew) this.#tellSoon();
    else this.tell();
  }

  /** Other calls may be behind the one that waits: these move to other threads at once. */
  #tellSoon(): void {
    if (this.#lane.load > 1) return this.tell();
    silent.add(this);
    if (isSilent) return;
    isSilent = true;
    after(silentTime, tellAll);
  }

  /** Tells of the wait for a callback that has not settled yet. */
  tell(): void {
    const due = this.#due;
    this.#due = undefined;
    if (due?.call.bridge?.isActive !== true) return;
    if (due.giveUp) this.#endless.begin(due.call, this.#line, due.giveUp);
    this.#listener.onWait?.();
  }

  /** Called when a callback was answered, for which the thread may have blocked. */
  answered(isWaitedFor: boolean): void {
    this.#endless.end();
    const due = this.#due;
    if (due?.call.bridge?.isActive === false) this.#due = undefined;
    if (!isWaitedFor) return;
    // What is still due is another callback, for which the thread does not block.
    if (due) due.giveUp = undefined;
    this.isAskedSoon = true;
    if (!this.#isPolled) poll(this.#lane);
    this.#isPolled = false;
  }

  /** Called when the thread sleeps at `place` in its wait number `wait` of `call`. */
  sleeps(call: Call, wait: number, { words, at }: SleepingPlace, isEndless: boolean): void {
    this.wereThere = true;
    const place = (this.#sleepsOn = { id: call.sentAs, words, at });
    // The call was given up before this side knew where the thread sleeps: wake it now.
    if (call.bridge?.isInterrupted) return this.wake(call);
    if (isEndless) {
      this.#endless.begin(call, place, () => {
        this.#wire.outbox.send(down.giveUp(call.sentAs, wait));
        this.wake(call);
      });
    }
    this.#listener.onWait?.();
  }

  /** Called when the thread waits for an item of an iterable argument. */
  asks(): void {
    this.wereThere = true;
    this.#listener.onWait?.();
  }
}

/** Wakes the thread that sleeps on `words[at]`, to check again. */
function nudge(words: Int32Array, at: number): void {
  Atomics.add(words, at, 1);
  Atomics.notify(words, at);
}
