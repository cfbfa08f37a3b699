/** Tracks, on the main side, which functions and modules one thread has loaded. @module */

import type { Definition, ModuleRecord } from '../../address/registry.ts';
import { LaneWord } from '../../wire/control.ts';

/**
 * Tracks which functions a thread can start at once. A thread claims a call only when it has the function: so a module
 * is loaded as soon as the first call of one of its functions was claimed.
 *
 * Invariant: `isLoading` holds from the first call of a module until that call is claimed, or, if the call was taken
 * back, until the thread has finished its look-up.
 */
export class Loads {
  readonly #control: Int32Array;

  /** The ids of called functions in {@link #modules}. */
  readonly #functions = new Set<number>();
  readonly #modules = new Set<ModuleRecord | undefined>();

  /** The call that waits for its module, or `0`; and the module. */
  #callId = 0;
  #module: ModuleRecord | undefined;
  #isTakenBack = false;

  constructor(control: Int32Array) {
    this.#control = control;
  }

  /** Whether the function `id` was called before, and is loaded. */
  has(id: number): boolean {
    return this.#functions.has(id);
  }

  /** Whether a call of the function `id` can start at once: it is loaded, and nothing else is being loaded. */
  isReadyFor(id: number): boolean {
    return this.#callId === 0 && this.#functions.has(id);
  }

  /** Whether a call of `definition` can start without loading a module. */
  knows({ id, record }: Definition): boolean {
    if (this.#functions.has(id)) return true;
    if (this.#callId !== 0) this.#isStillLoading();
    return this.#modules.has(record);
  }

  /** Whether {@link knows} is true, or will be when the module that the thread is loading is there. */
  willKnow(definition: Definition): boolean {
    return this.knows(definition) || (this.#callId !== 0 && this.#module === definition.record);
  }

  /** Whether the thread has to load a module before it can start the calls that it was sent. */
  get isLoading(): boolean {
    return this.#callId !== 0 && this.#isStillLoading();
  }

  /** Called when `callId`, the first call of `definition`, was sent. */
  sent({ id, record }: Definition, callId: number): void {
    if (this.isLoading) return;
    if (this.#modules.has(record)) this.#functions.add(id);
    else {
      this.#callId = callId;
      this.#module = record;
    }
  }

  /** Whether the thread is looking up the function of the call `id`, which may load its module. */
  isFor(id: number): boolean {
    return Atomics.load(this.#control, LaneWord.preparing) === id;
  }

  /**
   * Called when the calls from `id` on were taken back. If the thread is loading for one of them, `prepared` will
   * follow.
   */
  takenBack(id: number): void {
    const preparing = Atomics.load(this.#control, LaneWord.preparing);
    this.#isTakenBack = preparing !== 0 && ((preparing - id) | 0) >= 0;
    if (!this.#isTakenBack) {
      // A call before them may have been claimed meanwhile, so that its module is there.
      if (((this.#callId - id) | 0) >= 0) this.#callId = 0;
    } else if (preparing !== this.#callId) {
      this.#callId = preparing;
      this.#module = undefined;
    }
  }

  /** Called when the thread has finished its look-up for the call `id`, which was taken back. */
  prepared(id: number): void {
    if (id !== this.#callId) return;
    this.#modules.add(this.#module);
    this.#callId = 0;
    this.#isTakenBack = false;
  }

  /** Called when the thread may have lost the addresses that it was sent. */
  forgetFunctions(): void {
    this.#functions.clear();
  }

  #isStillLoading(): boolean {
    const isClaimed = ((Atomics.load(this.#control, LaneWord.next) - this.#callId) | 0) > 0;
    if (this.#isTakenBack || !isClaimed) return true;
    this.#modules.add(this.#module);
    this.#callId = 0;
    return false;
  }
}
