/** A thread's end of a lane: runs the calls that arrive, one at a time, and sends their results. @module */

import type { Target } from '../address/find.ts';
import { now, setImmediate } from '../base/clock.ts';
import { packThrown } from '../codec/error-codec.ts';
import { nothingLearnt } from '../codec/learnt.ts';
import { outside } from '../context/here.ts';
import type { ListenerContext } from '../context/listener-context.ts';
import { isPrimitive } from '../codec/look.ts';
import { Down, isOfThread } from '../wire/messages.ts';
import { LaneWord, preloading } from '../wire/control.ts';
import type { Fields, UpRecord } from '../wire/messages.ts';
import type { LaneEnd } from '../wire/transport.ts';
import { Arrivals } from './arrivals.ts';
import { Claims } from './claims.ts';
import { shortCost } from '../wire/cost.ts';
import { heapMeter } from './heap.ts';
import type { Callee, Job, JobLane } from './job.ts';
import { Outbox } from '../wire/outbox.ts';
import * as up from '../wire/up.ts';
import { Overlaps } from './overlaps.ts';
import { isThenable } from '../base/thenable.ts';
import type { Print } from './carry-output.ts';
import type { CallbackName, RunningCall } from '../wait/running-call.ts';
import { Spinner } from './spinner.ts';
import { ThreadBorrower } from './thread-borrower.ts';
import type { Standby } from '../wire/thread-source.ts';
import type { ThreadWish } from '../wire/thread-end.ts';
import { WaitWord } from '../wait/words.ts';
import { waitUntil } from '../wait/wait-until.ts';

/** How a thread finds and explains functions. */
export interface ServeHooks<A> {
  /** Gives the function at `address`, or rejects with the reason why there is none. */
  find(address: A): Promise<Target>;

  /** Gives the error to send for `thrown`, which the function at `address` threw. */
  explain(thrown: unknown, address: A): unknown;

  readonly enter?: JobLane['enter'];

  /** The context of the listeners of the lane's port, if it has one. */
  readonly context?: ListenerContext;

  /** Whether this very thread is the main side (inline mode). */
  readonly isInline?: boolean;
}

/** The served lane, as other modules of the thread use it. */
export interface Served<A> {
  /** The call that runs, if one does. */
  running(): RunningCall | undefined;

  /** Tells the main side which primitive the thread `id` may hold. */
  holds(id: number, kind: string, words: Int32Array): void;

  /** Sends the results that wait to be gathered with others. */
  flush(): void;

  /** Loads the module at `address` before its call arrives. */
  preload(address: A): void;

  /**
   * Gives the thread up: calls that have not begun to run move to another thread. Gives `false` if a call is running.
   */
  giveUp(): boolean;

  /** Sends the output of the thread. */
  readonly print: Print;

  /** Borrows a thread for one call that is made in this thread. */
  borrow(wish: ThreadWish): Promise<Standby>;
}

/** Calls that follow each other within this time, in milliseconds, are a series: the thread spins for the next one. */
const soon = 1;

/** How long results may wait to be gathered with others, in milliseconds of run time. */
const longestWait = 0.1;

/**
 * How long calls may follow each other, in milliseconds, before the thread's event loop turns for timers and sockets.
 */
const longestDrain = 4;

/**
 * Serves calls until the transport closes or the thread ends. An `async` function occupies the lane until it settles,
 * unless the calls of the function overlap.
 *
 * Invariant: at most one job runs; `running` is that job until its answer is in the outbox. A job is claimed in shared
 * memory before it runs, so that the main side can take back the jobs that are not claimed.
 */
export function serve<A>({ transport, control }: LaneEnd, hooks: ServeHooks<A>): Served<A> {
  const callees = new Map<number, Callee>();
  const outbox = new Outbox<UpRecord>(transport, control, LaneWord.up);
  const { enter, context, isInline = false } = hooks;
  const lane: JobLane = { outbox, control, pull, pullNew, idOf, enter, isInline, kept: undefined };
  const arrivals = new Arrivals<A>(transport, lane, { hear, unreadable });
  const measureHeap = heapMeter(control);
  const borrower = new ThreadBorrower(outbox);
  const claims = new Claims(control, outbox);
  const overlaps = new Overlaps<Job>(control, outbox, flush);

  /** Whether the call that ran last waits for a promise. */
  let hasLeft = false;
  let running: Job | undefined;

  /**
   * The context in which functions may run as they are: that of the port while its listener runs. Where stores last until
   * the listener returns, only for a call that arrived alone.
   */
  let listening: ListenerContext | undefined;

  /** Whether the event loop has to turn before the next call, unless that arrives while the thread spins. */
  let isTurnDue = false;
  const spinner = new Spinner(control, arrivals);

  /** The time at which the thread had no more calls. */
  let restedAt = -Infinity;

  /** The ids of registered functions whose addresses were sent to the main side. */
  const toldOf = new Set<number>();

  /** How many messages were sent when a wait last read them. */
  let pulledAt: number | undefined;

  /** The time at which the oldest waiting result was added to the outbox; `Infinity` if none waits. */
  let waitsSince = Infinity;

  transport.listen({
    receive(message) {
      listening = context;
      const isIdle = running === undefined && claims.preparing === undefined && !isTurnDue && outbox.isEmpty;
      const job = isIdle ? arrivals.lone(message) : undefined;
      if (job) runLone(job);
      else {
        arrivals.read(message);
        if (context?.lasts === true) listening = undefined;
        drain();
      }
      listening = undefined;
    },
    unreadable,
  });

  /** Tells the main side of an unreadable message, which may have been a call, whose caller would wait for ever. */
  function unreadable(error: unknown): void {
    outbox.send(up.unreadable(packThrown(error)));
  }

  /** Called for a record that is neither a call nor a definition for following calls. */
  function hear(tag: number, id: number, fields: Fields): void {
    if (isOfThread(tag)) borrower.hear(tag, id, fields);
    else {
      const job = running ?? claims.preparing;
      const hearer = job?.id === id ? job : (overlaps.get(id) ?? (isEarly(tag) ? arrivals.find(id) : undefined));
      hearer?.hear(tag, fields);
      if (tag === Down.abort) overlaps.tell(id);
    }
  }

  /** The id of a registered function for the main side; sends its address the first time. */
  function idOf({ id, address }: Exclude<CallbackName, number>): number {
    if (!toldOf.has(id)) outbox.add(up.define(id, address()));
    toldOf.add(id);
    return id;
  }

  /**
   * Runs `job`, which arrived alone while the thread had nothing to do: the short way of {@link drain}. Only a listener
   * of the port may call this.
   */
  function runLone(job: Job): void {
    const callee = callees.get(job.functionId);
    if (callee === undefined) {
      arrivals.push(job);
      if (context?.lasts === true) listening = undefined;
      return drain();
    }
    if (!claims.claim(job)) return rest();
    const begin = now();
    const end = runs(job, callee, begin);
    if (context?.lasts === true) listening = undefined;
    if (end === undefined) return;
    if (measureHeap !== undefined || !outbox.isEmpty) rest();
    const isSeries = begin - restedAt < soon;
    restedAt = end;
    // What a call has left to promises must not wait for a spin.
    const isHot = isSeries && !hasLeft && end - begin < shortCost;
    hasLeft = false;
    if (!arrivals.next && !(isHot && spinner.spin(end))) return;
    // What comes next must not see a store that the function has entered.
    if (context?.lasts === true) outside(drain);
    else drain();
  }

  /** Runs the calls in the queue, until one does not end synchronously. */
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
        const isSeries = begin - restedAt < soon;
        restedAt = time;
        if (!isHot || !isSeries || !spinner.spin(time)) return;
        isAwaitedCall = true;
        time = now();
        continue;
      }
      if (isTurnDue && !isAwaitedCall) return rest();
      isAwaitedCall = false;
      arrivals.take();
      // Flush before the claim: the main side can then read earlier results as soon as it sees that this call has
      // begun.
      if (!job.isBrief || time - waitsSince > longestWait) flush();
      const callee = callees.get(job.functionId) ?? partCallee(job.functionId);
      if (!callee) {
        if (!claims.prepare(job)) continue;
        return void runFirst(job);
      }
      if (!claims.claim(job)) continue;
      const end = runs(job, callee, time);
      if (end === undefined) return;
      // What a call has left to promises must not wait for a spin.
      isHot = !hasLeft && end - time < shortCost;
      hasLeft = false;
      time = end;
      if (time - begin > longestDrain && arrivals.next) turnFirst();
    }
  }

  /** The function `id`, if it is a part of one that was found. */
  function partCallee(id: number): Callee | undefined {
    const whole = callees.get(arrivals.wholeOf(id));
    if (!whole) return undefined;
    const callee = { target: whole.target, learnt: nothingLearnt() };
    callees.set(id, callee);
    return callee;
  }

  /** Reads messages for a call. One that waits for a promise reads calls that nobody else would begin. */
  function pull(): void {
    if (arrivals.pull() && !running && arrivals.next) turnFirst();
  }

  /** As {@link pull}, unless no message was sent since a wait has read them last: waits ask often. */
  function pullNew(): void {
    const count = Atomics.load(control, WaitWord.down);
    if (count === pulledAt) return;
    pulledAt = count;
    pull();
  }

  /** Called when the thread becomes idle. */
  function rest(): void {
    measureHeap?.();
    flush();
  }

  /** Lets the event loop turn before the next call in the queue: a port delivers up to 1000 messages in one turn. */
  function turnFirst(): void {
    if (isTurnDue) return;
    isTurnDue = true;
    setImmediate(() => {
      isTurnDue = false;
      // A thread that always has a next call is never idle, so measure here too.
      measureHeap?.();
      drain();
    });
  }

  /**
   * Runs `job`, which begins at the time `begin`; gives the time at which it ended, or `undefined` if it is still
   * running.
   */
  function runs(job: Job, callee: Callee, begin: number): number | undefined {
    running = job;
    let end: number | undefined;
    const { overlaps: isOverlapping } = callee.target;
    if (isOverlapping) overlaps.occupy(job);
    try {
      const value = job.invoke(callee, listening);
      const isPlain = isPrimitive(value);
      if (!isPlain && isThenable(value)) {
        if (isOverlapping) return leave(job, callee, value, begin);
        if (listening?.lasts === true) outside(() => void finishLater(job, callee, value, begin));
        else void finishLater(job, callee, value, begin);
        return undefined;
      }
      end = now();
      if (isPlain && !arrivals.next && job.answerPlain(value, end - begin)) waitsSince = Infinity;
      else if (job.answer(value, end - begin, callee) && waitsSince === Infinity) waitsSince = end;
    } catch (thrown) {
      end ??= now();
      fail(job, thrown, end - begin);
    }
    finish(job);
    return end;
  }

  /** Lets `job` wait for its promise while other calls run; gives the time. */
  function leave(job: Job, callee: Callee, value: PromiseLike<unknown>, begin: number): number {
    overlaps.leave(job);
    hasLeft = true;
    running = undefined;
    if (listening?.lasts === true) outside(() => void finishApart(job, callee, value, begin));
    else void finishApart(job, callee, value, begin);
    if (!job.isBrief) turnFirst();
    return now();
  }

  async function finishApart(job: Job, callee: Callee, value: PromiseLike<unknown>, begin: number): Promise<void> {
    try {
      answer(job, callee, await value, now() - begin);
    } catch (thrown) {
      fail(job, thrown, now() - begin);
    }
    overlaps.finish(job);
  }

  /**
   * Looks up the function of `job`, which has not run here yet, and runs the job, unless it was taken back meanwhile.
   */
  async function runFirst(job: Job): Promise<void> {
    flush();
    let callee: Callee | undefined;
    let thrown: unknown;
    try {
      const target = await hooks.find(arrivals.addressOf(job.functionId));
      callee = { target, learnt: nothingLearnt() };
      callees.set(job.functionId, callee);
      const whole = arrivals.wholeOf(job.functionId);
      if (whole !== job.functionId) callees.set(whole, { target, learnt: nothingLearnt() });
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

  /** The running call. A call whose module is being loaded counts as running as soon as the module asks for it. */
  function current(): Job | undefined {
    if (!running && Atomics.load(control, LaneWord.preparing) === preloading) awaitCall();
    return (running ??= claims.demand());
  }

  async function preload(address: A): Promise<void> {
    // Ignore an error: the look-up for the call fails in the same way, and reports it.
    await hooks.find(address).catch(() => undefined);
    // The call may have arrived and set this field to its own id: leave that.
    Atomics.compareExchange(control, LaneWord.preparing, preloading, 0);
  }

  /**
   * Called when a preloaded module asks for its call, without which it would fail: blocks until the call has arrived.
   */
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

  /** Goes on with the queue after a call that did not end synchronously. */
  function goOn(): void {
    flush();
    drain();
  }

  function answer(job: Job, callee: Callee, value: unknown, time: number): void {
    if (job.answer(value, time, callee) && waitsSince === Infinity) waitsSince = now();
  }

  function fail(job: Job, thrown: unknown, time: number): void {
    job.fail(hooks.explain(thrown, arrivals.addressOf(job.functionId)), time);
    if (waitsSince === Infinity) waitsSince = now();
  }

  function finish(job: Job): void {
    running = undefined;
    job.end();
    // Timers and sockets of the thread, and work that the call left behind, get their turn before the next call.
    if (!job.isBrief) turnFirst();
  }

  /**
   * Gives the thread up. A call whose function is being looked up has not begun to run, even if its module asked for
   * it.
   */
  function giveUp(): boolean {
    if ((running && running !== claims.preparing) || overlaps.size > 0) return false;
    Atomics.store(control, LaneWord.discarded, 1);
    const job = claims.giveUp();
    // Read all messages: transferred objects in an unread message would be lost.
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
    running: () => (overlaps.here ?? current())?.exchange,
    holds: (id, kind, words) => outbox.send(up.holds(id, kind, words)),
    flush,
    preload: (address) => void preload(address),
    giveUp,
    borrow: async (wish) => borrower.borrow(wish),
    print: (stream, chunk) => outbox.send(up.output(stream, chunk)),
  };
}

/** Whether a record with this tag is also for a call that has not begun to run. */
function isEarly(tag: number): boolean {
  return tag === Down.resume || tag === Down.raise || tag === Down.abort;
}
