/** A thread's end of a lane: runs the calls that come down, one at a time, and sends up what they gave. @module */

import type { Target } from '../address/find.ts';
import { mostLooks, now, setImmediate } from '../base/clock.ts';
import { packThrown } from '../codec/error-codec.ts';
import { nothingLearnt } from '../codec/learnt.ts';
import { Down, isOfThread } from '../wire/messages.ts';
import { LaneWord, preloading } from '../wire/control.ts';
import type { Fields, UpRecord } from '../wire/messages.ts';
import type { LaneEnd } from '../wire/transport.ts';
import { Arrivals } from './arrivals.ts';
import { Backoff } from '../wait/backoff.ts';
import { Claims } from './claims.ts';
import { shortCost } from '../wire/cost.ts';
import { heapMeter } from './heap.ts';
import type { Callee, Job, JobLane } from './job.ts';
import { Outbox } from '../wire/outbox.ts';
import * as up from '../wire/up.ts';
import { isThenable } from '../base/thenable.ts';
import type { Print } from './carry-output.ts';
import type { CallbackName, RunningCall } from '../wait/running-call.ts';
import { ThreadBorrower } from './thread-borrower.ts';
import type { Standby } from '../wire/thread-source.ts';
import type { ThreadWish } from '../wire/thread-end.ts';
import { WaitWord } from '../wait/words.ts';
import { waitUntil } from '../wait/wait-until.ts';

/** How a thread finds and explains functions. */
export interface ServeHooks<A> {
  /** Gives the function at `address`, or rejects with why there is none. */
  find(address: A): Promise<Target>;

  /** Gives the error to send for `thrown`, which the function at `address` threw. */
  explain(thrown: unknown, address: A): unknown;

  readonly enter?: JobLane['enter'];

  /** Whether the main side is this very thread. */
  readonly isInline?: boolean;
}

/** What the thread's own modules ask its lane. */
export interface Served<A> {
  /** The call that runs, if one does. */
  running(): RunningCall | undefined;

  /** Tells the main side what the thread `id` may hold. */
  holds(id: number, kind: string, words: Int32Array): void;

  /** Sends the results that wait for more of them. */
  flush(): void;

  /** Loads the module at `address` for a call that may come. */
  preload(address: A): void;

  /** Gives the thread up: calls that have not begun to run move to another one. Says whether there is no other. */
  giveUp(): boolean;

  /** Sends what was printed. */
  readonly print: Print;

  /** Gives a thread for one call that is made here. */
  borrow(wish: ThreadWish): Promise<Standby>;
}

/** How long a thread looks for the next call before it sleeps, in milliseconds: a wake-up costs about as much. */
const hotTime = 0.05;

/** How long results may wait for more of them, in milliseconds of run time. */
const longestWait = 0.1;

/** How long calls may follow each other, in milliseconds, before the thread's loop turns for timers and sockets. */
const longestDrain = 4;

/**
 * Serves calls until the transport closes or the thread ends. An `async` function holds the lane until it settles.
 *
 * Invariant: at most one job runs; `running` is that job until its answer is in the outbox. A job is claimed in shared
 * memory before it runs, so that the main side can take back those that were not.
 */
export function serve<A>({ transport, control }: LaneEnd, hooks: ServeHooks<A>): Served<A> {
  const callees = new Map<number, Callee>();
  const outbox = new Outbox<UpRecord>(transport, control, LaneWord.up);
  const { enter, isInline = false } = hooks;
  const lane: JobLane = { outbox, control, pull: () => arrivals.pull(), idOf, enter, isInline };
  const arrivals = new Arrivals<A>(transport, lane, { hear, unreadable });
  const measureHeap = heapMeter(control);
  const borrower = new ThreadBorrower(outbox);
  const claims = new Claims(control, outbox);
  let running: Job | undefined;

  /** Whether no call is begun until the loop has turned, but for one that main has made since the last one ended. */
  let isTurnDue = false;
  const backoff = new Backoff();

  /** The functions of the main side that it was told of, by their ids here. */
  const toldOf = new Set<number>();

  /** When the oldest result that waits was added; `Infinity` if none waits. */
  let waitsSince = Infinity;

  transport.listen({
    receive(message) {
      arrivals.read(message);
      drain();
    },
    unreadable,
  });

  /** What was lost may have been a call: without a word, its caller would wait for ever. */
  function unreadable(error: unknown): void {
    outbox.send(up.unreadable(packThrown(error)));
  }

  /** The main side has said something that is about no call to come. */
  function hear(tag: number, id: number, fields: Fields): void {
    if (isOfThread(tag)) borrower.hear(tag, id, fields);
    else {
      const job = running ?? claims.preparing;
      const hearer = job?.id === id ? job : tag === Down.resume || tag === Down.raise ? arrivals.find(id) : undefined;
      hearer?.hear(tag, fields);
    }
  }

  /** Names a function of the main side, by its address the first time. */
  function idOf({ id, address }: Exclude<CallbackName, number>): number {
    if (!toldOf.has(id)) outbox.add(up.define(id, address()));
    toldOf.add(id);
    return id;
  }

  /** Runs what there is, as long as it ends at once. */
  function drain(): void {
    if (running || claims.preparing || isTurnDue) return;
    const begin = now();
    let time = begin;
    let isHot = false;
    let isAwaitedCall = false;
    for (;;) {
      const job = arrivals.next;
      if (!job) {
        rest();
        if (!isHot || !isAwaited(time)) return;
        isAwaitedCall = true;
        time = now();
        continue;
      }
      if (isTurnDue && !isAwaitedCall) return rest();
      isAwaitedCall = false;
      arrivals.take();
      // Before it is claimed: who sees that it has begun can read what those before it gave.
      if (!job.isBrief || time - waitsSince > longestWait) flush();
      const callee = callees.get(job.functionId);
      if (!callee) {
        if (!claims.prepare(job)) continue;
        return void runFirst(job);
      }
      if (!claims.claim(job)) continue;
      const end = runs(job, callee, time);
      if (end === undefined) return;
      isHot = end - time < shortCost;
      time = end;
      if (time - begin > longestDrain && arrivals.next) turnFirst();
    }
  }

  /** Looks for the next message for a moment, instead of sleeping and being woken. */
  function isAwaited(from: number): boolean {
    if (backoff.skips()) return false;
    const seen = Atomics.load(control, WaitWord.down);
    let looks = 0;
    do {
      if (arrivals.pull()) {
        backoff.found();
        return true;
      }
      while (Atomics.load(control, WaitWord.down) === seen && now() - from < hotTime && looks < mostLooks) looks += 1;
      looks += 1;
    } while (now() - from < hotTime && looks < mostLooks);
    backoff.missed();
    return false;
  }

  /** Nothing runs for now. */
  function rest(): void {
    measureHeap?.();
    flush();
  }

  /** Lets the loop turn before the next call that waits: a port gives up to 1000 messages in one turn. */
  function turnFirst(): void {
    if (isTurnDue) return;
    isTurnDue = true;
    setImmediate(() => {
      isTurnDue = false;
      // There may be a next call at any time, so that it never rests.
      measureHeap?.();
      drain();
    });
  }

  /** Runs `job`, which begins at `begin`; gives the time when it ended, if it has. */
  function runs(job: Job, callee: Callee, begin: number): number | undefined {
    running = job;
    let end: number | undefined;
    try {
      const value = job.invoke(callee);
      if (isThenable(value)) {
        void finishLater(job, callee, value, begin);
        return undefined;
      }
      end = now();
      answer(job, callee, value, end - begin);
    } catch (thrown) {
      end ??= now();
      fail(job, thrown, end - begin);
    }
    finish(job);
    return end;
  }

  /** Looks for the function of `job`, which has not run here yet, and runs that, if it was not taken back meanwhile. */
  async function runFirst(job: Job): Promise<void> {
    flush();
    let callee: Callee | undefined;
    let thrown: unknown;
    try {
      const target = await hooks.find(arrivals.addresses.get(job.functionId) as A);
      callee = { target, learnt: nothingLearnt() };
      callees.set(job.functionId, callee);
    } catch (error) {
      thrown = error;
    }
    if (!claims.prepared(job, running === job)) return goOn();
    if (callee) {
      if (runs(job, callee, now()) === undefined) return;
    } else {
      fail(job, thrown, 0);
      finish(job);
    }
    goOn();
  }

  /** The call that runs. One whose module is being loaded does so from the moment in which that asks for it. */
  function current(): Job | undefined {
    if (!running && Atomics.load(control, LaneWord.preparing) === preloading) awaitCall();
    return (running ??= claims.demand());
  }

  async function preload(address: A): Promise<void> {
    // What fails now fails again for the call, which is told.
    await hooks.find(address).catch(() => undefined);
    // The call may have come, and wait for it.
    Atomics.compareExchange(control, LaneWord.preparing, preloading, 0);
  }

  /** What is loaded before there is a call asks for one: it waits until one has come, as it would fail without. */
  function awaitCall(): void {
    flush();
    const attempt = (): true | undefined => {
      while (!claims.preparing) {
        const job = arrivals.next;
        if (!job && !arrivals.pull()) return undefined;
        if (!job) continue;
        arrivals.take();
        if (claims.prepare(job)) void runFirst(job);
      }
      return true;
    };
    waitUntil({ place: { words: control, at: WaitWord.down }, attempt, control });
  }

  async function finishLater(job: Job, callee: Callee, value: PromiseLike<unknown>, begin: number): Promise<void> {
    flush();
    try {
      answer(job, callee, await value, now() - begin);
    } catch (thrown) {
      fail(job, thrown, now() - begin);
    }
    finish(job);
    goOn();
  }

  /** Goes on with what waits, after a call that did not end at once. */
  function goOn(): void {
    flush();
    drain();
  }

  function answer(job: Job, callee: Callee, value: unknown, time: number): void {
    if (job.answer(value, time, callee) && waitsSince === Infinity) waitsSince = now();
  }

  function fail(job: Job, thrown: unknown, time: number): void {
    job.fail(hooks.explain(thrown, arrivals.addresses.get(job.functionId) as A), time);
    if (waitsSince === Infinity) waitsSince = now();
  }

  function finish(job: Job): void {
    running = undefined;
    job.end();
    // What it has left behind, and the thread's timers and sockets, go before the next one.
    if (!job.isBrief) turnFirst();
  }

  /** A call whose function is being looked for has not begun to run, though what is loaded may have asked for it. */
  function giveUp(): boolean {
    if (running && running !== claims.preparing) return false;
    Atomics.store(control, LaneWord.discarded, 1);
    const job = claims.giveUp();
    // A message that nobody reads takes with it what has moved.
    arrivals.pull();
    flush();
    for (const left of [...(job ? [job] : []), ...arrivals.waiting]) left.handBack();
    return true;
  }

  function flush(): void {
    waitsSince = Infinity;
    outbox.flush();
  }

  return {
    running: () => current()?.exchange,
    holds: (id, kind, words) => outbox.send(up.holds(id, kind, words)),
    flush,
    preload: (address) => void preload(address),
    giveUp,
    borrow: async (wish) => borrower.borrow(wish),
    print: (stream, chunk) => outbox.send(up.output(stream, chunk)),
  };
}
