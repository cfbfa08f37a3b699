/** The pool's threads. Piscina owns them: it starts them, limits their resources and removes ended ones. @module */

import type { Worker } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import { makeViewAhead } from '../address/load/make-view-ahead.ts';
import { after } from '../base/clock.ts';
import type { Later } from '../base/clock.ts';
import { configuration } from '../base/config.ts';
import { outside } from '../context/here.ts';
import { AbortController, Promise } from '../base/intrinsics.ts';
import type { ThreadEnd } from '../wire/thread-end.ts';
import type { WiredThread } from '../wire/wire.ts';
import type { LaneOffer } from '../wire/offer.ts';
import { bare } from '../base/options.ts';
import { named } from './named.ts';
import { endBetweenSections } from './sections.ts';
import { attachModule, checkPoolStart, lateError, startError } from './start.ts';
import type { ThreadOptions } from './start.ts';

/** A thread that has opened its end of a lane. */
export interface Thread extends WiredThread {
  /** Terminates the thread at any point of its work; its {@link ThreadListener} is called. */
  terminate(): void;
}

/** Called once, when the thread has ended. */
export type ThreadListener = (end: ThreadEnd) => void;

/** Loads Piscina with the first thread: the import takes a fifth of a thread's start, and threads never need it. */
async function loadPiscina(): Promise<typeof Piscina> {
  return (await import('piscina')).Piscina;
}

type RunOptions = Parameters<Piscina['run']>[1];

/** A start that has not succeeded yet. */
interface Pending {
  fail(end: ThreadEnd): void;
}

/**
 * Starts threads and hands each of them one lane. Piscina's task ends as soon as the thread has its lane, since a
 * running task would keep the process alive; `#taken` has the ids of the threads that have a lane.
 *
 * Invariant: every thread in `piscina.threads` is watched, so that none ends unseen, started or not.
 */
export class PiscinaThreads {
  readonly #name: string;
  readonly #options: ThreadOptions;
  readonly #maxThreads: number;
  #piscina: Piscina | undefined;
  readonly #spoilt: Piscina[] = [];
  #isDestroyed = false;
  readonly #taken = new Set<number>();
  readonly #watched = new WeakSet<Worker>();
  readonly #listeners = new Map<number, ThreadListener>();
  readonly #pending = new Set<Pending>();

  /** The timers that end threads which do not become ready in time. */
  readonly #limits = new Map<number, Later>();

  /**
   * `name` is that of the pool. `maxThreads` is a bound that is never reached: the pool decides how many threads there
   * are, not Piscina.
   */
  constructor(name: string, maxThreads: number, options: ThreadOptions) {
    this.#name = `offloop ${name}`;
    this.#maxThreads = maxThreads;
    this.#options = options;
  }

  /** All threads, ready or not. */
  get threads(): readonly Worker[] {
    return this.#all.flatMap(({ threads }) => threads);
  }

  get #all(): Piscina[] {
    return this.#piscina ? [this.#piscina, ...this.#spoilt] : this.#spoilt;
  }

  /**
   * Starts a thread and gives it `offer`. `onEnd` is called once, when the started thread has ended.
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
      // Before Piscina is imported, which fails in some bundles, and says less.
      attachModule();
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
    // A Piscina without threads has nothing to end, but may hold a task whose promise is lost: destroy would reject it
    // unhandled.
    const alive = this.#all.filter(({ threads }) => threads.length > 0);
    await Promise.all(alive.map(async (piscina) => piscina.destroy()));
  }

  /**
   * Runs the task that hands `offer` to a new thread. If a thread cannot even be constructed, Piscina throws, keeps the
   * task and forgets its promise. That Piscina is not used again, because its next thread would run the lost task.
   */
  #run(type: typeof Piscina, offer: LaneOffer, options: RunOptions): Promise<number> {
    if (this.#isDestroyed) throw new Error('it is not needed any more');
    const piscina = (this.#piscina ??= this.#create(type));
    try {
      return outside(() => named(this.#name, () => piscina.run(offer, options))) as Promise<number>;
    } catch (error) {
      // With no thread allowed, it does not start one for the lost task when another thread becomes ready.
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
    // An 'error' event without a listener would end the process; the events of the threads, watched here, tell more.
    piscina.on('error', () => {});
    return piscina;
  }

  #watch(worker: Worker): void {
    if (this.#watched.has(worker)) return;
    this.#watched.add(worker);
    endBetweenSections(worker);
    const { threadId } = worker;
    // A call waits for this thread; once it is ready, its lane decides whether it keeps the process alive.
    worker.ref();
    let cause: unknown;
    let isLost = false;
    const lose = (end: ThreadEnd): void => {
      if (isLost || this.#listeners.has(threadId)) return;
      isLost = true;
      // The thread had no lane yet, so the start that has waited longest was for it.
      const [first] = this.#pending;
      if (!first) return;
      // The promise of that start may take a while to reject; the next thread that ends belongs to another start.
      this.#pending.delete(first);
      first.fail(end);
    };
    const { startTimeout } = configuration;
    const limit = after(startTimeout, () => {
      cause = lateError(startTimeout);
      // The start fails at once, because native code may keep the thread alive.
      lose({ exitCode: 1, threadId, cause });
      void worker.terminate();
    });
    this.#limits.set(threadId, limit);
    // Before Piscina's own listener, which terminates the thread: in Deno that emits 'exit' at once.
    worker.prependOnceListener('error', (error: unknown) => {
      cause = error;
      // Piscina drops the thread now. If the task stayed, Piscina would start one thread after the other for it.
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
