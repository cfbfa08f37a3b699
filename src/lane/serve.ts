/** A thread's end of a lane: runs the calls that come down, one at a time, and sends up what they gave. @module */

import type { Transferable } from 'node:worker_threads';
import { scopeValue } from '../address/captures.ts';
import type { Target } from '../address/find.ts';
import { packThrown } from '../codec/error-codec.ts';
import type { Hole } from '../codec/hole.ts';
import { Cell, Down, recordWidth, Up } from '../codec/messages.ts';
import type { LaneOffer, UpRecord } from '../codec/messages.ts';
import { unpack } from '../codec/unpack.ts';
import { CallBorrows } from './borrows.ts';
import { flushConsole } from './console.ts';
import { postResult } from './post.ts';
import type { PostValues } from './post.ts';

/** How a thread finds and explains functions. */
export interface ServeHooks<A> {
  /** Gives the function at `address`, or rejects with why there is none. */
  find(address: A): Promise<Target>;

  /** Gives the error to send for `thrown`, which the function at `address` threw. */
  explain(thrown: unknown, address: A): unknown;
}

interface Job {
  readonly callId: number;
  readonly functionId: number;
  readonly isTimed: boolean;
  readonly args: unknown[];
  readonly holes: Hole[] | undefined;
}

/**
 * Serves calls until the port closes or the thread ends. An `async` function holds the lane until it settles.
 *
 * Invariant: at most one job runs; `running` is that job until its answer was posted.
 */
export function serve<A>({ port, control }: LaneOffer, hooks: ServeHooks<A>): void {
  const addresses = new Map<number, A>();
  const targets = new Map<number, Target>();
  const walkers = new Set<number>();
  const jobs: Job[] = [];
  let running: Job | undefined;
  let borrows: CallBorrows | undefined;

  const post = (record: UpRecord, transfer: readonly Transferable[] = []): void => port.postMessage(record, transfer);

  port.on('message', (message: unknown[]) => {
    for (let i = 0; i < message.length; i += recordWidth) {
      receive(message[i] as number, message[i + 1] as number, message[i + 2], message[i + 3], message[i + 4]);
    }
    next();
  });

  // What was lost may have been a call: without a word, its caller would wait for ever.
  port.on('messageerror', (error) => post([Up.unreadable, 0, packThrown(error), undefined, undefined]));

  function receive(tag: number, id: number, first: unknown, second: unknown, third: unknown): void {
    if (tag === Down.define) addresses.set(id, first as A);
    else if (tag === Down.reply)
      borrowsOf(id)?.reply(first as number, second as unknown[], third as Hole[] | undefined);
    else if (tag === Down.fault) borrowsOf(id)?.fault(first as number, second);
    else {
      const isTimed = tag === Down.timedCall;
      const [functionId, args, holes] = [first as number, second as unknown[], third as Hole[] | undefined];
      jobs.push({ callId: id, functionId, isTimed, args, holes });
    }
  }

  function borrowsOf(callId: number): CallBorrows | undefined {
    return running?.callId === callId ? borrows : undefined;
  }

  function next(): void {
    if (running) return;
    running = jobs.shift();
    if (running) void run(running).finally(next);
  }

  async function run(job: Job): Promise<void> {
    const { callId } = job;
    const address = addresses.get(job.functionId) as A;
    let answer: () => void;
    try {
      // The address is the first thing a call needs; from here on it counts as started.
      Atomics.store(control, Cell.started, callId);
      let target = targets.get(job.functionId);
      if (!target) targets.set(job.functionId, (target = await hooks.find(address)));
      const value = await invoke(job, target);
      const postReturn: PostValues = (values, holes, transfer) =>
        post([Up.returned, callId, values, holes, borrows?.loose()], transfer);
      const failure = borrows?.failure();
      if (failure) throw failure.error;
      answer = () => {
        if (postResult(value, walkers.has(job.functionId), postReturn)) walkers.add(job.functionId);
      };
    } catch (thrown) {
      answer = () => post([Up.threw, callId, packThrown(hooks.explain(thrown, address)), undefined, borrows?.loose()]);
    }
    await flushConsole();
    answerOrFail(answer, callId);
    running = undefined;
    borrows?.release();
    borrows = undefined;
  }

  function answerOrFail(answer: () => void, callId: number): void {
    try {
      answer();
    } catch (error) {
      post([Up.threw, callId, packThrown(error), undefined, undefined]);
    }
  }

  function invoke(job: Job, target: Target): unknown {
    const { args } = job;
    if (job.holes) {
      borrows = new CallBorrows(job.callId, port, (name) => scopeValue(target.fn, name));
      unpack(args, job.holes, borrows.scope);
    }
    if (job.isTimed) post([Up.started, job.callId, undefined, undefined, undefined]);
    if (!target.instance) return Reflect.apply(target.fn, target.owner, args);
    const [self, ...rest] = args;
    // A write to a copy would vanish; on a frozen one it throws.
    return Reflect.apply(target.fn, Object.freeze(self), rest);
  }
}
