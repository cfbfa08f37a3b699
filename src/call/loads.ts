/** What one thread has loaded, as the main side knows it. @module */

import type { Definition, ModuleRecord } from '../address/registry.ts';
import { LaneWord } from '../wire/control.ts';

/**
 * Which functions a thread can start at once. It claims a call only when it has the function: as soon as the first call
 * of one was claimed, the module is there.
 *
 * Invariant: from the first call of a module until that is claimed, or the thread is done with what it loads for a call
 * that was taken back, `isLoading`.
 */
export class Loads {
  readonly #control: Int32Array;

  /** The functions of {@link #modules} that were called. */
  readonly #functions = new Set<number>();
  readonly #modules = new Set<ModuleRecord | undefined>();

  /** The call that waits for its module, and that one; `0` if none does. */
  #callId = 0;
  #module: ModuleRecord | undefined;
  #isTakenBack = false;

  constructor(control: Int32Array) {
    this.#control = control;
  }

  /** Whether the function `id` was called, and is there. */
  has(id: number): boolean {
    return this.#functions.has(id);
  }

  /** Whether a call of `definition` can start without anything being loaded for it. */
  knows({ id, record }: Definition): boolean {
    if (this.#functions.has(id)) return true;
    if (this.#callId !== 0) this.#isStillLoading();
    return this.#modules.has(record);
  }

  /** Whether that is so, or will be when what the thread loads is there. */
  willKnow(definition: Definition): boolean {
    return this.knows(definition) || (this.#callId !== 0 && this.#module === definition.record);
  }

  /** Whether the thread loads a module, or will, before it can start what it was sent. */
  get isLoading(): boolean {
    return this.#callId !== 0 && this.#isStillLoading();
  }

  /** The call `callId` was sent, the first one of `definition`. */
  sent({ id, record }: Definition, callId: number): void {
    if (this.isLoading) return;
    if (this.#modules.has(record)) this.#functions.add(id);
    else {
      this.#callId = callId;
      this.#module = record;
    }
  }

  /** Whether the thread looks for the function of the call `id`, and loads its module for that. */
  isFor(id: number): boolean {
    return Atomics.load(this.#control, LaneWord.preparing) === id;
  }

  /** The calls from `id` on were taken back: if the thread is loading for one of them, it will say when it is done. */
  takenBack(id: number): void {
    const preparing = Atomics.load(this.#control, LaneWord.preparing);
    this.#isTakenBack = preparing !== 0 && ((preparing - id) | 0) >= 0;
    if (!this.#isTakenBack) {
      // One before them may have been claimed by now, and then has its module.
      if (((this.#callId - id) | 0) >= 0) this.#callId = 0;
    } else if (preparing !== this.#callId) {
      this.#callId = preparing;
      this.#module = undefined;
    }
  }

  /** The thread is done with what it has loaded for the call `id`, which was taken back. */
  prepared(id: number): void {
    if (id !== this.#callId) return;
    this.#modules.add(this.#module);
    this.#callId = 0;
    this.#isTakenBack = false;
  }

  /** The thread does not know the addresses any more that it was told. */
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
