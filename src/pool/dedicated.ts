/** Threads of their own for single calls: long, hanging or isolating work. @module */

import { AsyncLocalStorage } from 'node:async_hooks';
import { Worker } from 'node:worker_threads';
import PQueue from 'p-queue';
import { onRenewed } from '../address/registry.ts';
import { after } from '../clock.ts';
import type { Call } from '../lane/call.ts';
import { Lane } from '../lane/lane.ts';
import type { ThreadEnd } from '../lane/lane.ts';
import { dedicatedKey } from '../lane/offer.ts';
import { laneModule, startError } from './start.ts';
import type { ThreadOptions } from './start.ts';

/** Options of {@link DedicatedThreads}. */
export interface DedicatedOptions extends ThreadOptions {
  /** How many threads may live at once. */
  readonly maxWorkers: number;

  /** How many threads are kept ready for the next calls, once there was a first one. */
  readonly spare: number;

  /** The threads' name, where inspectors and profilers show it. */
  readonly name?: string;
}

/** A thread that has its lane and waits for its one call. */
interface Standby {
  readonly lane: Lane;
  terminate(): void;

  /** Resolves once the thread has ended. */
  readonly ended: Promise<ThreadEnd>;
}

/** How long an aborted call that can know of it may take to end by itself, in milliseconds. */
const grace = 1000;

/** Threads are started outside of any request's context, or they would keep it for good. */
const outside = AsyncLocalStorage.snapshot();

/**
 * Gives each call a thread of its own, and ends it with the call. How many live at once is p-queue's to bound; those
 * beyond wait, first come, first served within a priority.
 */
export class DedicatedThreads {
  readonly #options: DedicatedOptions;
  readonly #queue: PQueue;
  #spares: Standby[] = [];

  constructor(options: DedicatedOptions) {
    this.#options = options;
    this.#queue = new PQueue({ concurrency: options.maxWorkers });
    const self = new WeakRef(this);
    onRenewed(() => self.deref()?.recycle());
  }

  /** Takes a call in. */
  submit(call: Call): void {
    if (call.settled) return;
    // What a running call may wait for must not wait behind it.
    if (call.depth > 0) return void this.#run(call);
    if (this.#queue.pending >= this.#options.maxWorkers) {
      try {
        call.args.keep();
      } catch (error) {
        return call.fail(error);
      }
      call.waiting();
    }
    void this.#queue.add(async () => this.#run(call), { priority: call.plan.priority });
  }

  /** Ends the spare threads: what they loaded is stale. */
  recycle(): void {
    for (const spare of this.#spares.splice(0)) spare.terminate();
  }

  async #run(call: Call): Promise<void> {
    if (call.settled) return;
    let standby: Standby;
    try {
      standby = this.#spares.shift() ?? this.#start();
    } catch (error) {
      return call.fail(startError(error));
    }
    call.holder = {
      gone: (_, reason) => {
        if (standby.lane.interrupt(call, reason)) after(grace, () => standby.terminate());
        else standby.terminate();
      },
    };
    if (!standby.lane.send(call)) standby.terminate();
    this.#refill();
    const end = await standby.ended;
    const reason = end.cause ?? `it exited with code ${end.exitCode}`;
    for (const unstarted of standby.lane.end(end)) unstarted.fail(startError(reason));
  }

  #refill(): void {
    while (this.#spares.length < this.#options.spare) {
      try {
        const spare = this.#start();
        this.#spares.push(spare);
        void spare.ended.then(() => (this.#spares = this.#spares.filter((other) => other !== spare)));
      } catch {
        // The call that needs a thread will say why there is none.
        return;
      }
    }
  }

  #start(): Standby {
    const { env, execArgv, resourceLimits, name } = this.#options;
    const lane: Lane = new Lane({
      onProgress: () => {
        if (lane.load === 0) void worker.terminate();
      },
    });
    const worker = outside(
      () =>
        new Worker(laneModule(), {
          name: name ?? 'offloop',
          ...(env && { env }),
          ...(execArgv && { execArgv }),
          ...(resourceLimits && { resourceLimits }),
          argv: process.argv.slice(2),
          workerData: { [dedicatedKey]: lane.offer },
          transferList: [lane.offer.port],
        }),
    );
    lane.attach(worker);
    const { threadId } = worker;
    let cause: unknown;
    worker.once('error', (error: unknown) => (cause = error));
    const ended = new Promise<ThreadEnd>((resolve) => {
      worker.once('exit', (exitCode) => resolve({ exitCode, threadId, cause }));
    });
    return { lane, ended, terminate: () => void worker.terminate() };
  }
}
