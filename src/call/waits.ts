/** What the thread of a lane waits for: answers of callbacks, and what others are to change. @module */

import type { Call } from './call.ts';
import { EndlessWait } from '../wait/endless-wait.ts';
import type { SleepingPlace } from '../wait/endless-wait.ts';
import { forgetHolders } from '../wait/holders.ts';
import { poll } from '../wait/poll.ts';
import { WaitWord } from '../wait/words.ts';
import * as down from '../wire/down.ts';
import type { Wire } from '../wire/wire.ts';

/** Told of waits. */
interface WaitsListener {
  /** The running call has begun to wait. */
  onWait?(): void;
}

/** Where a thread sleeps, and for which call. */
interface Sleep extends SleepingPlace {
  readonly id: number;
}

/** What is looked at when the thread may ask again at once. */
type Looked = Parameters<typeof poll>[0];

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
  readonly #endless: EndlessWait;
  readonly #listener: WaitsListener;
  readonly #lane: Looked;

  /** Where the thread sleeps for answers. */
  readonly #line: SleepingPlace;

  /** As far as the thread has said. */
  #sleepsOn: Sleep | undefined;

  constructor(wire: Wire, listener: WaitsListener, lane: Looked) {
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

  /** A callback of `call` goes on after its return; if the thread blocks without a limit, `giveUp` ends that. */
  awaits(call: Call, giveUp: (() => void) | undefined): void {
    if (giveUp) this.#endless.begin(call, this.#line, giveUp);
    this.#listener.onWait?.();
  }

  /** A callback was answered; the thread may have blocked for that. */
  answered(isWaitedFor: boolean): void {
    this.#endless.end();
    if (!isWaitedFor) return;
    this.isAskedSoon = true;
    poll(this.#lane);
  }

  /** The thread sleeps at `place` in its wait number `wait` for `call`, until somebody changes what it waits for. */
  sleeps(call: Call, wait: number, { words, at }: SleepingPlace, isEndless: boolean): void {
    this.wereThere = true;
    const place = (this.#sleepsOn = { id: call.sentAs, words, at });
    // It was given up before it could be known where to wake the thread.
    if (call.bridge?.isInterrupted) return this.wake(call);
    if (isEndless) {
      this.#endless.begin(call, place, () => {
        this.#wire.outbox.send(down.giveUp(call.sentAs, wait));
        this.wake(call);
      });
    }
    this.#listener.onWait?.();
  }

  /** The thread waits for an item that the main side is to give. */
  asks(): void {
    this.wereThere = true;
    this.#listener.onWait?.();
  }
}

/** Wakes who sleeps on `words[at]`, to look again. */
function nudge(words: Int32Array, at: number): void {
  Atomics.add(words, at, 1);
  Atomics.notify(words, at);
}
