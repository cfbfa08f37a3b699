/** A thread's end of a lane: runs the calls that come down, one at a time, and sends up what they gave. @module */

import { receiveMessageOnPort } from 'node:worker_threads';
import { scopeValue } from '../address/captures.ts';
import type { Target } from '../address/find.ts';
import { now, setImmediate } from '../clock.ts';
import { packThrown } from '../codec/error-codec.ts';
import type { Hole } from '../codec/hole.ts';
import { Cell, Down, recordWidth, Up } from '../codec/messages.ts';
import type { LaneOffer } from '../codec/messages.ts';
import { unpack } from '../codec/unpack.ts';
import { CallBorrows } from './borrows.ts';
import { flushConsole, isConsoleFlushed } from './console.ts';
import { Outbox } from './outbox.ts';
import { postResult } from './post.ts';

/** How a thread finds and explains functions. */
export interface ServeHooks<A> {
  /** Gives the function at `address`, or rejects with why there is none. */
  find(address: A): Promise<Target>;

  /** Gives the error to send for `thrown`, which the function at `address` threw. */
  explain(thrown: unknown, address: A): unknown;
}

/** A call that waits in the thread. */
interface Job {
  readonly tag: number;
  readonly callId: number;
  readonly functionId: number;
  readonly args: unknown[];
  readonly holes: Hole[] | undefined;
}

/** How long a thread looks for the next call before it sleeps, in milliseconds: a wake-up costs about as much. */
const hotTime = 0.05;

/** How long results may wait for more of them, in milliseconds of run time. */
const longestWait = 0.1;

/** How long calls may follow each other, in milliseconds, before the thread's loop turns for timers and sockets. */
const longestDrain = 4;

/**
 * Serves calls until the port closes or the thread ends. An `async` function holds the lane until it settles.
 *
 * Invariant: at most one job runs; `running` is that job until its answer is in the outbox. A job is claimed in shared
 * memory before it runs, so that the main side can take back those that were not.
 */
export function serve<A>({ port, control }: LaneOffer, hooks: ServeHooks<A>): void {
  const addresses = new Map<number, A>();
  const targets = new Map<number, Target>();
  const walkers = new Set<number>();
  const outbox = new Outbox(port, control);
  let jobs: Job[] = [];
  let nextJob = 0;
  let running: Job | undefined;
  let borrows: CallBorrows | undefined;
  let isYielding = false;

  port.on('message', (message: unknown[]) => {
    read(message);
    drain();
  });
  // What was lost may have been a call: without a word, its caller would wait for ever.
  port.on('messageerror', (error) => outbox.send([Up.unreadable, 0, packThrown(error), undefined, undefined]));

  function read(message: unknown[]): void {
    for (let i = 0; i < message.length; i += recordWidth) {
      receive(message[i] as number, message[i + 1] as number, message[i + 2], message[i + 3], message[i + 4]);
    }
  }

  function receive(tag: number, id: number, first: unknown, second: unknown, third: unknown): void {
    if (tag === Down.define) addresses.set(id, first as A);
    else if (tag === Down.reply) borrowsOf(id)?.reply(first as number, second as unknown[], third as Hole[]);
    else if (tag === Down.fault) borrowsOf(id)?.fault(first as number, second);
    else {
      const [functionId, args, holes] = [first as number, second as unknown[], third as Hole[] | undefined];
      jobs.push({ tag, callId: id, functionId, args, holes });
    }
  }

  function borrowsOf(callId: number): CallBorrows | undefined {
    return running?.callId === callId ? borrows : undefined;
  }

  /** Runs what there is, as long as it ends at once. */
  function drain(): void {
    if (running || isYielding) return;
    const begin = now();
    let time = begin;
    let isHot = false;
    for (;;) {
      const job = jobs[nextJob];
      if (!job) {
        jobs = [];
        nextJob = 0;
        outbox.flush();
        if (!isHot || !isAwaited(time)) return;
        time = now();
        continue;
      }
      nextJob += 1;
      if (!claim(job)) continue;
      isHot = job.tag === Down.shortCall;
      if (!isHot || time - outbox.since > longestWait) outbox.flush();
      if (!runs(job)) return;
      const end = now();
      outbox.addTime(job.functionId, end - time);
      time = end;
      if (time - begin > longestDrain && nextJob < jobs.length) return yieldThread();
    }
  }

  /** Looks for the next message for a moment, instead of sleeping and being woken. */
  function isAwaited(from: number): boolean {
    const seen = Atomics.load(control, Cell.down);
    let found = false;
    do {
      for (let item; (item = receiveMessageOnPort(port));) {
        read(item.message as unknown[]);
        found = true;
      }
      if (found) return true;
      while (Atomics.load(control, Cell.down) === seen && now() - from < hotTime);
    } while (now() - from < hotTime);
    return false;
  }

  function yieldThread(): void {
    outbox.flush();
    isYielding = true;
    setImmediate(() => {
      isYielding = false;
      drain();
    });
  }

  /** A call that the main side took back is not there any more. */
  function claim({ callId }: Job): boolean {
    return Atomics.compareExchange(control, Cell.next, callId, (callId + 1) | 0) === callId;
  }

  /** Runs `job`; says whether it is done. */
  function runs(job: Job): boolean {
    const target = targets.get(job.functionId);
    running = job;
    if (!target || !isConsoleFlushed()) {
      void runLater(job);
      return false;
    }
    let value: unknown;
    try {
      value = invoke(job, target);
      if (isThenable(value) || !isConsoleFlushed()) {
        void finishLater(job, value);
        return false;
      }
      answer(job, value);
    } catch (thrown) {
      if (!isConsoleFlushed()) {
        void finishLater(job, Promise.reject(thrown));
        return false;
      }
      fail(job, thrown);
    }
    finish();
    return true;
  }

  async function runLater(job: Job): Promise<void> {
    outbox.flush();
    try {
      const target = targets.get(job.functionId) ?? (await hooks.find(addresses.get(job.functionId) as A));
      targets.set(job.functionId, target);
      const value = invoke(job, target);
      return await finishLater(job, value);
    } catch (thrown) {
      return await finishLater(job, Promise.reject(thrown));
    }
  }

  async function finishLater(job: Job, value: unknown): Promise<void> {
    outbox.flush();
    let isTaken = false;
    try {
      // Taken now, unless it is a promise: what the function left running may change it.
      const result = isThenable(value) ? await value : value;
      outbox.holdBack();
      isTaken = true;
      answer(job, result);
    } catch (thrown) {
      if (!isTaken) outbox.holdBack();
      fail(job, thrown);
    }
    await flushConsole();
    outbox.letGo();
    outbox.flush();
    finish();
    drain();
  }

  function finish(): void {
    running = undefined;
    borrows?.release();
    borrows = undefined;
  }

  function answer({ callId, functionId }: Job, value: unknown): void {
    const failure = borrows?.failure();
    if (failure) throw failure.error;
    const walked = postResult(value, walkers.has(functionId), (values, holes, transfer, isCopy) =>
      outbox.add([Up.returned, callId, values, holes, borrows?.loose()], transfer, isCopy),
    );
    if (walked) walkers.add(functionId);
  }

  function fail({ callId, functionId }: Job, thrown: unknown): void {
    const error = packThrown(hooks.explain(thrown, addresses.get(functionId) as A));
    outbox.add([Up.threw, callId, error, undefined, borrows?.loose()]);
  }

  function invoke(job: Job, target: Target): unknown {
    const { args } = job;
    if (job.holes) {
      borrows = new CallBorrows(job.callId, outbox, (name) => scopeValue(target.fn, name));
      unpack(args, job.holes, borrows.scope);
    }
    if (job.tag === Down.timedCall) outbox.send([Up.started, job.callId, undefined, undefined, undefined]);
    if (!target.instance) return Reflect.apply(target.fn, target.owner, args);
    const [self, ...rest] = args;
    // A write to a copy would vanish; on a frozen one it throws.
    return Reflect.apply(target.fn, Object.freeze(self), rest);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return isObject && typeof (value as { then?: unknown }).then === 'function';
}
