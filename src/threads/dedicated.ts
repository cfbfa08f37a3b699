/** Threads of their own for single calls: long, hanging or isolating work. @module */

import { addressOf } from '../address/address-of.ts';
import { onRenewed } from '../address/registry.ts';
import type { Definition } from '../address/registry.ts';
import { Keeper } from '../base/clock.ts';
import { configuration } from '../base/config.ts';
import { OffloopError } from '../base/errors.ts';
import { Promise, WeakRef } from '../base/intrinsics.ts';
import type { Call } from '../call/call.ts';
import { makeExecutor } from '../call/executor.ts';
import type { Executor } from '../call/executor.ts';
import type { Standby } from '../wire/thread-source.ts';
import type { ThreadWish } from '../wire/thread-end.ts';
import { Line } from '../base/line.ts';
import { runSeparately } from './separate-call.ts';
import { startStandby } from './standby.ts';
import type { StandbyOptions } from './standby.ts';
import { startError } from './start.ts';

/** How many threads more may be ending, kept by native code, when one is started for a call that others may wait for. */
const mostBeside = 64;

/** How many calls run in threads of their own and wait for one, and how many threads are kept ready, or are ending. */
export interface DedicatedStats {
  readonly running: number;
  readonly queued: number;
  readonly spare: number;
  readonly ending: number;
}

/**
 * Gives each call a thread of its own. How many live at once is p-queue's to bound, by the setting `maxWorkers`; those
 * beyond wait, first come, first served within a priority. Calls that another call may wait for are not bounded.
 *
 * A call gives its place up when its thread is told to end: native code may keep that for long. So that threads that never
 * end do not pile up, the place is given to the next call only while no more than `maxWorkers` are ending.
 *
 * Invariant: once there was a first call, as many threads are kept ready as the setting `spare` says.
 */
export class DedicatedThreads implements Executor {
  /** Loaded with the first call: threads, and programs that make none, do without it. */
  #queue: Line | undefined;

  /** The calls that came before it was there; `undefined` while nobody has asked for it. */
  #early: Call[] | undefined;
  #spares: Standby[] = [];

  /** How many threads were told to end and have not, and who waits until there are fewer. */
  #ending = 0;
  #waiting: (() => void)[] = [];

  #loading: Promise<void> | undefined;
  #isClosed = false;

  /** The function that was called last: the spare threads load its module. */
  #last: Definition | undefined;

  constructor() {
    const self = new WeakRef(this);
    onRenewed(() => self.deref()?.recycle());
  }

  /** How many calls run at once, each in its thread: the setting `maxWorkers`. */
  get concurrency(): number {
    return configuration.maxWorkers;
  }

  /** What there is at this moment. */
  stats(): DedicatedStats {
    return {
      running: this.#queue?.running ?? 0,
      queued: this.#queue?.waiting ?? this.#early?.length ?? 0,
      spare: this.#spares.length,
      ending: this.#ending,
    };
  }

  /** Refuses further calls; resolves once those that wait or run are over, and its threads were told to end. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#loading;
    await this.#queue?.whenIdle();
    for (const spare of this.#spares.splice(0)) spare.terminate('closed');
  }

  /** Takes a call in. */
  submit(call: Call): void {
    if (call.settled) return;
    if (this.#isClosed && call.depth === 0) {
      const text = `Cannot call ${call.name}: the threads for single calls are closed`;
      return call.fail(new OffloopError('ERR_OFFLOOP_CLOSED', text));
    }
    // What a running call may wait for must not wait behind it.
    if (call.depth > 0) return void this.#run(call);
    const queue = this.#queue;
    const isFree = queue && queue.running < configuration.maxWorkers;
    if (!isFree) {
      try {
        call.keep();
      } catch (error) {
        return call.fail(error);
      }
      call.waiting();
    }
    if (queue) this.#enqueue(queue, call);
    else if (this.#early) this.#early.push(call);
    else this.#loading = this.#load([call]);
  }

  async #load(early: Call[]): Promise<void> {
    this.#early = early;
    const keeper = new Keeper();
    keeper.hold();
    // The first thread starts meanwhile, and loads the module of the first call.
    this.#last = early[0]?.definition;
    this.#refill(1);
    try {
      const queue = (this.#queue = await Line.ofAtMost(configuration.maxWorkers));
      for (const call of early) this.#enqueue(queue, call);
    } catch (error) {
      for (const call of early) call.fail(startError(error));
      this.#early = undefined;
    } finally {
      keeper.letGo();
    }
  }

  #enqueue(queue: Line, call: Call): void {
    queue.most = configuration.maxWorkers;
    const run = async (): Promise<void> => {
      await this.#run(call);
      while (this.#isCrowded()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    };
    void queue.add(run, call.plan.priority);
  }

  #isCrowded(beside = 0): boolean {
    return this.#ending > configuration.maxWorkers + beside;
  }

  #start(how: Pick<StandbyOptions, 'argv' | 'preload'>): Standby {
    return startStandby({ ...how, onEnding: (ended) => void this.#outlive(ended) });
  }

  async #outlive(ended: Promise<unknown>): Promise<void> {
    this.#ending += 1;
    await ended;
    this.#ending -= 1;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /**
   * A thread for one call, as `wish` says: a spare one, unless that would have to load another module first, or was started
   * with other arguments.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_BOOT`.
   */
  take({ url, argv }: ThreadWish): Standby {
    if (this.#isCrowded(mostBeside))
      throw startError(new Error(`${this.#ending} were told to end, and native code keeps them`));
    if (argv) return this.#start({ argv });
    const at = this.#spares.findIndex(({ loading }) => loading === undefined || url === undefined || loading === url);
    const [standby = this.#start({})] = at < 0 ? [] : this.#spares.splice(at, 1);
    this.#refill();
    return standby;
  }

  /** Ends the spare threads: what they loaded is stale. */
  recycle(): void {
    for (const spare of this.#spares.splice(0)) spare.terminate('recycled');
  }

  async #run(call: Call): Promise<void> {
    if (call.settled) return;
    this.#last = call.definition;
    try {
      await runSeparately(call, () => this.take({ url: call.definition.record?.url, argv: call.plan.argv }));
    } catch (error) {
      call.fail(error);
    }
  }

  #refill(least = 0): void {
    while (!this.#isClosed && this.#spares.length < Math.max(least, configuration.spare) && !this.#isCrowded()) {
      try {
        const spare = this.#start({ preload: this.#last && addressOf(this.#last) });
        this.#spares.push(spare);
        void spare.ended.then(() => (this.#spares = this.#spares.filter((other) => other !== spare)));
      } catch {
        // The call that needs a thread will say why there is none.
        return;
      }
    }
  }
}

makeExecutor(DedicatedThreads);
