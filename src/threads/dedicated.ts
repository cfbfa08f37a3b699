/** Dedicated threads, one for each call of `threadedSeparate`: for long, hanging or isolating work. @module */

import { addressOf } from '../address/find/address-of.ts';
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

/** How far the number of ending threads may exceed `maxWorkers` before a nested call gets no thread either. */
const mostBeside = 64;

/** How many calls run in their own threads or wait for one, and how many threads are kept ready or are still ending. */
export interface DedicatedStats {
  readonly running: number;
  readonly queued: number;
  readonly spare: number;
  readonly ending: number;
}

/**
 * Gives each call a thread of its own. p-queue bounds how many run at once, by the setting `maxWorkers`; further calls
 * wait by priority, then in order of arrival. A nested call, which a running call may wait for, is not bounded.
 *
 * A call gives up its place when its thread is told to end, although native code may keep that thread for long. So that
 * such threads do not pile up, the place goes to the next call only while at most `maxWorkers` threads are ending.
 *
 * Invariant: after the first call, as many threads are kept ready as the setting `spare` says.
 */
export class DedicatedThreads implements Executor {
  /** Loaded at the first call, since worker threads and most programs never need it. */
  #queue: Line | undefined;

  /** The calls that arrived while the queue was being loaded; `undefined` before the first call. */
  #early: Call[] | undefined;
  #spares: Standby[] = [];

  /** How many threads were told to end and still run, and the calls' places that wait until fewer do. */
  #ending = 0;
  #waiting: (() => void)[] = [];

  #loading: Promise<void> | undefined;
  #isClosed = false;

  /** The function that was called last. The spare threads load its module. */
  #last: Definition | undefined;

  constructor() {
    const self = new WeakRef(this);
    onRenewed(() => self.deref()?.recycle());
  }

  /** How many calls may run at once, each in its own thread: the setting `maxWorkers`. */
  get concurrency(): number {
    return configuration.maxWorkers;
  }

  /** The numbers at this moment. */
  stats(): DedicatedStats {
    return {
      running: this.#queue?.running ?? 0,
      queued: this.#queue?.waiting ?? this.#early?.length ?? 0,
      spare: this.#spares.length,
      ending: this.#ending,
    };
  }

  /** Refuses further calls; resolves once the calls that wait or run are over and the threads were told to end. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#loading;
    await this.#queue?.whenIdle();
    for (const spare of this.#spares.splice(0)) spare.terminate('closed');
  }

  submit(call: Call): void {
    if (call.settled) return;
    if (this.#isClosed && call.depth === 0) {
      const text = `Cannot call ${call.name}: the threads of threadedSeparate are closed`;
      return call.fail(new OffloopError('ERR_OFFLOOP_CLOSED', text));
    }
    // A call that is made for a running call must not wait behind it.
    if (call.depth > 0) return void this.#run(call);
    const queue = this.#queue;
    const isFree = queue && queue.running < configuration.maxWorkers;
    if (!isFree) {
      try {
        call.lent?.keep();
      } catch (error) {
        return call.fail(error);
      }
      call.limits?.waiting();
    }
    if (queue) this.#enqueue(queue, call);
    else if (this.#early) this.#early.push(call);
    else this.#loading = this.#load([call]);
  }

  async #load(early: Call[]): Promise<void> {
    this.#early = early;
    const keeper = new Keeper();
    keeper.hold();
    // The first thread starts while p-queue is loaded, and loads the module of the first call.
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
   * A thread for one call, as `wish` says: a spare thread, unless that is still loading another module, or the call
   * wants other arguments in `process.argv`.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_BOOT` if the thread cannot be started.
   */
  take({ url, argv }: ThreadWish): Standby {
    if (this.#isCrowded(mostBeside))
      throw startError(new Error(`${this.#ending} threads were told to end, but native code still runs in them`));
    if (argv) return this.#start({ argv });
    // A thread may end by itself before it has a call, as by what it loads. A lane that is closed holds no process.
    this.#spares = this.#spares.filter(({ isGone }) => !isGone);
    const at = this.#spares.findIndex(({ loading }) => loading === undefined || url === undefined || loading === url);
    const [standby = this.#start({})] = at < 0 ? [] : this.#spares.splice(at, 1);
    this.#refill();
    return standby;
  }

  /** Ends the spare threads, because the modules that they loaded are stale. */
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
        // A call that needs a thread will reject with the reason.
        return;
      }
    }
  }
}

makeExecutor(DedicatedThreads);
