/** Which thread starts a call: each is claimed in shared memory, by its thread or by the main side, which takes it back. @module */

import type { Job } from './job.ts';
import { LaneWord } from '../wire/control.ts';
import type { UpRecord } from '../wire/messages.ts';
import * as up from '../wire/up.ts';
import type { Outbox } from '../wire/outbox.ts';

/**
 * A thread's claims. It claims a call when it has the function: until then the main side may give the call to a thread
 * that has it sooner.
 *
 * Invariant: at most one call is being prepared, and none while one runs, unless it is that.
 */
export class Claims {
  /** The call whose function is being looked for. */
  preparing: Job | undefined;

  readonly #control: Int32Array;
  readonly #outbox: Outbox<UpRecord>;

  /** Whether what is being loaded has asked for its call after that was taken back. */
  #isSpoilt = false;

  constructor(control: Int32Array, outbox: Outbox<UpRecord>) {
    this.#control = control;
    this.#outbox = outbox;
  }

  /** Claims a call; says whether it was still there. */
  claim({ id }: Job): boolean {
    if (Atomics.compareExchange(this.#control, LaneWord.next, id, (id + 1) | 0) !== id) return false;
    this.#outbox.sender = id;
    return true;
  }

  /** The function of `job` is looked for from now on; says whether the call is still there. */
  prepare(job: Job): boolean {
    Atomics.store(this.#control, LaneWord.preparing, job.id);
    this.#isSpoilt = false;
    // In this order: if the main side takes it back, one of the two sees what the other does.
    if (Atomics.load(this.#control, LaneWord.next) === job.id) this.preparing = job;
    else this.#release(job);
    return this.preparing === job;
  }

  /** What is being loaded asks for its call, as only one that runs can be asked: it is claimed now, if it is still there. */
  demand(): Job | undefined {
    const { preparing } = this;
    if (!preparing || this.claim(preparing)) return preparing;
    this.#isSpoilt = true;
    return undefined;
  }

  /** The function of `job` is there, or cannot be; says whether the call, if it `isClaimed` or can be, starts here. */
  prepared(job: Job, isClaimed: boolean): boolean {
    this.preparing = undefined;
    const starts = isClaimed || this.claim(job);
    if (starts) Atomics.store(this.#control, LaneWord.preparing, 0);
    else this.#release(job);
    return starts;
  }

  /** The thread has nothing more to do with the call whose function it looks for, which another one may claim: gives that. */
  giveUp(): Job | undefined {
    const { preparing } = this;
    if (preparing) Atomics.store(this.#control, LaneWord.next, preparing.id);
    Atomics.store(this.#control, LaneWord.preparing, 0);
    return preparing;
  }

  /** The thread has nothing more to do with `job`, which was taken back. */
  #release(job: Job): void {
    Atomics.store(this.#control, LaneWord.preparing, 0);
    this.#outbox.add(up.prepared(job.id, this.#isSpoilt));
    job.end();
  }
}
