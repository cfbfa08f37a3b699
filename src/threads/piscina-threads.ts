/** The pool's threads, which Piscina owns: it starts them, limits them and removes those that ended. @module */

import type { Worker } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import { makeViewAhead } from '../address/make-view-ahead.ts';
import { after } from '../base/clock.ts';
import type { Later } from '../base/clock.ts';
import { configuration } from '../base/config.ts';
import { outside } from '../context/here.ts';
import { AbortController, Promise } from '../base/intrinsics.ts';
import type { ThreadEnd } from '../wire/thread-end.ts';
import type { WiredThread } from '../wire/wire.ts';
import type { LaneOffer } from '../wire/offer.ts';
import { bare } from '../base/options.ts';
import { attachModule, checkPoolStart, lateError, startError } from './start.ts';
import type { ThreadOptions } from './start.ts';

/** One thread that has opened its end of a lane. */
export interface Thread extends WiredThread {
  /** Ends the thread wherever it is; {@link ThreadListener} hears of it. */
  terminate(): void;
}

/** Called once, when the thread has ended. */
export type ThreadListener = (end: ThreadEnd) => void;

/** Loaded with the first thread: to import it takes a fifth as long as to start that, and threads never need it. */
async function loadPiscina(): Promise<typeof Piscina> {
  return (await import('piscina')).Piscina;
}

type RunOptions = Parameters<Piscina['run']>[1];

/** A start that has not succeeded yet. */
interface Pending {
  fail(end: ThreadEnd): void;
}

/**
 * Starts threads and hands each of them one lane. Piscina's task ends as soon as the thread has the lane, since a
 * running task would keep the process alive; which threads are taken is known by their ids.
 *
 * Invariant: every thread in `piscina.threads` is watched, so that none ends unseen, started or not.
 */
export class PiscinaThreads {
  readonly #options: ThreadOptions;
  readonly #maxThreads: number;
  #piscina: Piscina | undefined;
  readonly #spoilt: Piscina[] = [];
  #isDestroyed = false;
  readonly #taken = new Set<number>();
  readonly #watched = new WeakSet<Worker>();
  readonly #listeners = new Map<number, ThreadListener>();
  readonly #pending = new Set<Pending>();

  /** What ends a thread that does not become ready. */
  readonly #limits = new Map<number, Later>();

  /** `maxThreads` is a bound that is never reached: how many there are is not for Piscina to decide. */
  constructor(maxThreads: number, options: ThreadOptions) {
    this.#maxThreads = maxThreads;
    this.#options = options;
  }

  /** The threads that are there. */
  get threads(): readonly Worker[] {
    return this.#all.flatMap(({ threads }) => threads);
  }

  get #all(): Piscina[] {
    return this.#piscina ? [this.#piscina, ...this.#spoilt] : this.#spoilt;
  }

  /**
   * Starts a thread and gives it `offer`. `onEnd` is called once, when a thread that had started has ended.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_BOOT` with the cause, if the thread ended before it was ready.
   */
  async start(offer: LaneOffer, onEnd: ThreadListener): Promise<Thread> {
    const abandon = new AbortController();
    const pending: Pending = {
      fail: ({ cause, exitCode }) => abandon.abort(cause ?? `it exited with code ${exitCode}`),
    };
    this.#pending.add(pending);
    try {
      checkPoolStart();
      const options = bare({ transferList: [offer.port], signal: abandon.signal });
      const task = this.#run(await loadPiscina(), offer, options);
      for (const worker of this.#piscina?.threads ?? []) this.#watch(worker);
      makeViewAhead();
      const threadId = await task;
      const worker = this.threads.find((thread) => thread.threadId === threadId);
      if (!worker) throw new Error('it ended at once');
      this.#listeners.set(threadId, onEnd);
      this.#unlimit(threadId);
      return {
        threadId,
        terminate: () => void worker.terminate(),
        ref: () => worker.ref(),
        unref: () => worker.unref(),
      };
    } catch (error) {
      throw startError(abandon.signal.aborted ? abandon.signal.reason : error);
    } finally {
      this.#pending.delete(pending);
    }
  }

  async destroy(): Promise<void> {
    this.#isDestroyed = true;
    // One without threads has nothing to end, but may have a task whose promise nobody has: it would be rejected.
    const alive = this.#all.filter(({ threads }) => threads.length > 0);
    await Promise.all(alive.map(async (piscina) => piscina.destroy()));
  }

  /**
   * A thread that cannot even be constructed throws out of Piscina, which keeps the task and forgets its promise: it is
   * not used again, or the next thread would be for that task.
   */
  #run(type: typeof Piscina, offer: LaneOffer, options: RunOptions): Promise<number> {
    if (this.#isDestroyed) throw new Error('it is not needed any more');
    const piscina = (this.#piscina ??= this.#create(type));
    try {
      return outside(() => piscina.run(offer, options)) as Promise<number>;
    } catch (error) {
      // Nor does it start a thread for that task once another one is ready.
      (piscina.options as { maxThreads: number }).maxThreads = 0;
      if (piscina.threads.length > 0) this.#spoilt.push(piscina);
      this.#piscina = undefined;
      throw error;
    }
  }

  #create(type: typeof Piscina): Piscina {
    const { env, execArgv, resourceLimits } = this.#options;
    const options = bare<NonNullable<ConstructorParameters<typeof Piscina>[0]>>({
      filename: attachModule(),
      minThreads: 0,
      maxThreads: this.#maxThreads,
      idleTimeout: Infinity,
      atomics: 'disabled',
      recordTiming: false,
      workerHistogram: false,
      loadBalancer: (_, workers) => {
        const free = workers.find(({ id, currentUsage }) => currentUsage === 0 && !this.#taken.has(id));
        if (free) this.#taken.add(free.id);
        return free ?? null;
      },
      argv: process.argv.slice(2),
      ...(env && { env }),
      ...(execArgv && { execArgv }),
      ...(resourceLimits && { resourceLimits }),
    });
    const piscina = new type(options);
    // An 'error' event without a listener would end the process; the threads' own events, watched here, say more.
    piscina.on('error', () => {});
    return piscina;
  }

  #watch(worker: Worker): void {
    if (this.#watched.has(worker)) return;
    this.#watched.add(worker);
    const { threadId } = worker;
    // Somebody waits for it; whoever it is given to decides from then on.
    worker.ref();
    let cause: unknown;
    let isLost = false;
    const lose = (end: ThreadEnd): void => {
      if (isLost || this.#listeners.has(threadId)) return;
      isLost = true;
      // It had no lane yet: the start that has waited longest was for it.
      const [first] = this.#pending;
      if (!first) return;
      // Its promise may take a while to reject; another thread that ends meanwhile is for another start.
      this.#pending.delete(first);
      first.fail(end);
    };
    const { startTimeout } = configuration;
    const limit = after(startTimeout, () => {
      cause = lateError(startTimeout);
      // Native code may keep it.
      lose({ exitCode: 1, threadId, cause });
      void worker.terminate();
    });
    this.#limits.set(threadId, limit);
    worker.once('error', (error: unknown) => {
      cause = error;
      // Piscina has dropped it by now: with a task more than threads, it would start one after the other for it.
      lose({ exitCode: 1, threadId, cause });
    });
    worker.once('exit', (exitCode) => {
      this.#taken.delete(threadId);
      this.#unlimit(threadId);
      const end: ThreadEnd = { exitCode, threadId, cause };
      this.#listeners.get(threadId)?.(end);
      lose(end);
      this.#listeners.delete(threadId);
    });
  }

  #unlimit(threadId: number): void {
    this.#limits.get(threadId)?.cancel();
    this.#limits.delete(threadId);
  }
}
