/** A thread's end of a lane: runs the calls that arrive, one at a time, and sends their results. @module */

import type { Target } from '../address/find/find.ts';
import { now, setImmediate } from '../base/clock.ts';
import { packThrown } from '../codec/errors/codec.ts';
import type { ListenerContext } from '../context/listener-context.ts';
import { Down, isOfThread } from '../wire/messages.ts';
import { LaneWord, preloading } from '../wire/control.ts';
import type { Fields, UpRecord } from '../wire/messages.ts';
import type { LaneEnd } from '../wire/transport.ts';
import { Arrivals } from './arrivals.ts';
import { Callees } from './callees.ts';
import { Claims } from './claims.ts';
import { shortCost } from '../wire/cost.ts';
import { heapMeter } from './heap.ts';
import type { Callee, Job, JobLane } from './job.ts';
import { LoneCalls } from './lone-calls.ts';
import { Outbox } from '../wire/outbox.ts';
import * as up from '../wire/up.ts';
import type { Print } from './carry-output.ts';
import type { CallbackName, RunningCall } from '../wait/running-call.ts';
import { Runner } from './runner.ts';
import { soon, Spinner } from './spinner.ts';
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

/**
 * How long calls may follow each other, in milliseconds, before the thread's event loop turns for timers and sockets.
 */
const longestDrain = 4;

/**
 * Serves calls until the transport closes or the thread ends. An `async` function occupies the lane until it settles,
 * unless the calls of the function overlap.
 *
 * Invariant: at most one job runs. A job is claimed in shared memory before it runs, so that the main side can take back
 * the jobs that are not claimed.
 */
export function serve<A>({ transport, control, tickets }: LaneEnd, hooks: ServeHooks<A>): Served<A> {
  const outbox = new Outbox<UpRecord>(transport, control, LaneWord.up);
  const { enter, context, isInline = false } = hooks;
  const parts = { outbox, control, pull, pullNew, idOf, isRunning };
  const lane: JobLane = { ...parts, enter, isInline, kept: undefined, awaited: undefined };
  const arrivals = new Arrivals<A>(transport, lane, { hear, unreadable });
  const callees = new Callees(arrivals);
  const measureHeap = heapMeter(control);
  const borrower = new ThreadBorrower(outbox);
  const claims = new Claims(control, outbox, tickets);
  const explain = (thrown: unknown, id: number): unknown => hooks.explain(thrown, arrivals.addressOf(id));
  const runner = new Runner({ control, outbox, arrivals, explain, turnFirst, drain });
  const { overlaps } = runner;
  const spinner = new Spinner(control, arrivals);
  const measuresHeap = measureHeap !== undefined;
  const serving = { arrivals, callees, claims, runner, spinner, outbox, context, measuresHeap, rest, drain };
  const lone = new LoneCalls(serving);

  /** Whether the event loop has to turn before the next call, unless that arrives while the thread spins. */
  let isTurnDue = false;

  /** The ids of registered functions whose addresses were sent to the main side. */
  const toldOf = new Set<number>();

  /** How many messages were sent when a wait last read them. */
  let pulledAt: number | undefined;

  transport.listen({
    receive(message) {
      if (!isTurnDue && lone.receive(message)) return;
      arrivals.read(message);
      drain();
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
      const job = runner.running ?? claims.preparing;
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

  /** Runs the calls in the queue, until one does not end synchronously. */
  function drain(): void {
    if (runner.running || claims.preparing || isTurnDue) return;
    const begin = now();
    let time = begin;
    let isHot = false;
    let isAwaitedCall = false;
    for (;;) {
      const job = arrivals.next;
      if (!job) {
        rest();
        const isSeries = begin - spinner.restedAt < soon;
        spinner.restedAt = time;
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
      if (job.isBrief) runner.flushAt(time);
      else runner.flush();
      const callee = callees.of(job.functionId);
      if (!callee) {
        if (!claims.prepare(job)) continue;
        return void runFirst(job);
      }
      if (!claims.claim(job)) continue;
      const end = runner.run(job, callee, time);
      if (end === undefined) return;
      // What a call has left to promises must not wait for a spin.
      isHot = !runner.hasLeft && end - time < shortCost;
      runner.hasLeft = false;
      time = end;
      if (time - begin > longestDrain && arrivals.next) turnFirst();
    }
  }

  /** Reads messages for a call. One that waits for a promise reads calls that nobody else would begin. */
  function pull(): void {
    if (arrivals.pull() && !runner.running && arrivals.next) turnFirst();
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
    runner.flush();
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
   * Looks up the function of `job`, which has not run here yet, and runs the job, unless it was taken back meanwhile.
   */
  async function runFirst(job: Job): Promise<void> {
    runner.flush();
    let callee: Callee | undefined;
    let thrown: unknown;
    try {
      callee = callees.add(job.functionId, await hooks.find(arrivals.addressOf(job.functionId)));
    } catch (error) {
      thrown = error;
    }
    if (claims.prepared(job, runner.running === job)) {
      if (callee) {
        if (runner.run(job, callee, now()) === undefined) return;
      } else {
        runner.fail(job, thrown, 0);
        runner.finish(job);
      }
    }
    runner.flush();
    drain();
  }

  function isRunning(id: number): boolean {
    return (overlaps.here ?? runner.running)?.id === id;
  }

  /** The running call. A call whose module is being loaded counts as running as soon as the module asks for it. */
  function current(): Job | undefined {
    if (!runner.running && Atomics.load(control, LaneWord.preparing) === preloading) awaitCall();
    return (runner.running ??= claims.demand());
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
    runner.flush();
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

  /**
   * Gives the thread up. A call whose function is being looked up has not begun to run, even if its module asked for
   * it.
   */
  function giveUp(): boolean {
    const { running } = runner;
    if ((running && running !== claims.preparing) || overlaps.size > 0) return false;
    Atomics.store(control, LaneWord.discarded, 1);
    const job = claims.giveUp();
    // Read all messages: transferred objects in an unread message would be lost.
    arrivals.pull();
    runner.flush();
    for (const left of [...(job ? [job] : []), ...arrivals.waiting]) left.handBack();
    return true;
  }

  return {
    running: () => (overlaps.here ?? current())?.exchange,
    holds: (id, kind, words) => outbox.send(up.holds(id, kind, words)),
    flush: () => runner.flush(),
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
