/** The main side's end of the line to one thread. @module */

import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { MessagePort, Transferable } from 'node:worker_threads';
import type { Address } from '../address/address.ts';
import type { Definition } from '../address/registry.ts';
import { addressOf } from '../address/address-of.ts';
import { now } from '../clock.ts';
import { packThrown, unpackThrown } from '../codec/error-codec.ts';
import type { PackedThrown } from '../codec/error-codec.ts';
import type { Hole } from '../codec/hole.ts';
import { Cell, cellCount, Down, recordWidth, Up } from '../codec/messages.ts';
import type { DownRecord, LaneOffer, LocalAddress } from '../codec/messages.ts';
import { OffloopError, WorkerExitError } from '../errors.ts';
import type { Call } from './call.ts';
import { noteCost, shortCost, watchCost } from './cost.ts';
import { poll } from './poll.ts';
import { postResult } from './post.ts';

/** How a thread ended. */
export interface ThreadEnd {
  readonly exitCode: number;
  readonly threadId: number;

  /** The error that ended it, if there was one. */
  readonly cause: unknown;
}

/** What can keep the process alive. */
export interface Referable {
  ref(): void;
  unref(): void;
}

/**
 * A line to one thread: calls go down, results and callbacks come up, each in the order in which they were sent.
 *
 * Invariant: the line keeps the process alive while, and only while, a call is out or `hold` was called more often
 * than `release`.
 */
export class Lane {
  /** What the thread needs to open its end. The port has to be transferred. */
  readonly offer: LaneOffer;

  readonly #port: MessagePort;
  readonly #control = new Int32Array(new SharedArrayBuffer(cellCount * Int32Array.BYTES_PER_ELEMENT));
  readonly #defined = new Set<number>();
  readonly #calls = new Map<number, Call>();

  /** Records that leave at the end of this turn. */
  #records: unknown[] = [];

  /** Ids of the calls among them. */
  #nextId = 0;
  #seen = 0;
  #progress = 0;
  readonly #onProgress: () => void;
  readonly #introduce: (definition: Definition) => Address | LocalAddress;
  #holds = 0;
  #thread: Referable | undefined;

  /**
   * `onProgress` is called whenever calls may have been answered; `introduce` gives the address under which
   * the other end finds a function.
   */
  constructor(onProgress: () => void, introduce: (definition: Definition) => Address | LocalAddress = addressOf) {
    const { port1, port2 } = new MessageChannel();
    this.offer = { port: port2, control: this.#control };
    this.#port = port1;
    this.#onProgress = onProgress;
    this.#introduce = introduce;
    port1.on('message', (message: unknown[]) => this.#receive(message));
    port1.on('messageerror', (error) => this.#unreadable(error));
    port1.unref();
  }

  /** How many calls are out. */
  get load(): number {
    return this.#calls.size;
  }

  /** The calls that are out. */
  calls(): Iterable<Call> {
    return this.#calls.values();
  }

  /** Whether `call` is out. */
  has(call: Call): boolean {
    return this.#calls.get(call.sentAs) === call;
  }

  /** Whether the thread has started `call`, or may have. */
  hasStarted(call: Call): boolean {
    return this.#isClaimed(call.sentAs);
  }

  /** When the thread last answered, or got its first call. */
  get progress(): number {
    return this.#progress;
  }

  /** Whether all calls that are out are of functions known to be short. */
  get isShort(): boolean {
    return this.#longCalls === 0;
  }

  #longCalls = 0;

  /** Closes the line; nothing was sent, or what was sent no longer matters. */
  close(): void {
    this.#port.close();
  }

  /** Keeps the process alive until {@link release}. */
  hold(): void {
    this.#holds += 1;
    if (this.#holds !== 1) return;
    this.#port.ref();
    this.#thread?.ref();
  }

  release(): void {
    this.#holds -= 1;
    if (this.#holds !== 0) return;
    this.#port.unref();
    this.#thread?.unref();
  }

  /** The thread is there. The port of one that ends closes first; without the thread the process would end then. */
  attach(thread: Referable): void {
    this.#thread = thread;
    if (this.#holds > 0) thread.ref();
    else thread.unref();
  }

  /** Sends `call`, or fails it if it has no address or its arguments cannot cross; then the lane stays as it was. */
  send(call: Call): boolean {
    const { definition, plan } = call;
    const id = this.#nextId;
    const isShort = definition.cost < shortCost && plan.timeout === Infinity && call.args.resendable;
    try {
      if (!this.#defined.has(definition.id)) {
        this.#add([Down.define, definition.id, this.#introduce(definition), undefined, undefined]);
        this.#defined.add(definition.id);
        watchCost(definition);
      }
      const tag = plan.timeout !== Infinity ? Down.timedCall : isShort ? Down.shortCall : Down.call;
      call.args.deliver((values, holes, transfer) => {
        const record: DownRecord = [tag, id, definition.id, values, holes];
        if (call.args.resendable) this.#add(record);
        else this.#post(record, transfer);
      });
    } catch (error) {
      call.fail(error);
      return false;
    }
    if (this.#calls.size === 0) this.#progress = now();
    if (!isShort) this.#longCalls += 1;
    this.#nextId = (id + 1) | 0;
    this.#calls.set(id, call);
    if (!plan.detach) this.hold();
    call.sent(id, isShort);
    if (isShort) poll(this);
    return true;
  }

  /** Takes back the calls that the thread has not started, in order. They can be sent again. */
  takeBack(): Call[] {
    const end = this.#nextId;
    for (;;) {
      const next = Atomics.load(this.#control, Cell.next);
      if (next === end) return [];
      if (Atomics.compareExchange(this.#control, Cell.next, next, end) !== next) continue;
      const taken: Call[] = [];
      for (let id = next; id !== end; id = (id + 1) | 0) {
        const call = this.#calls.get(id);
        if (!call) continue;
        this.#forget(id, call);
        if (call.settled) call.finished();
        else taken.push(call);
      }
      return taken;
    }
  }

  /** Reads what has arrived, without waiting to be told. Says whether short calls are still out. */
  look(): boolean {
    const count = Atomics.load(this.#control, Cell.up);
    if (count !== this.#seen) {
      this.#seen = count;
      for (let item; (item = receiveMessageOnPort(this.#port));) this.#receive(item.message as unknown[]);
    }
    return this.#calls.size > this.#longCalls;
  }

  /**
   * Settles what was out when the thread ended: results that it had sent first, then `ERR_OFFLOOP_WORKER_EXIT` for a
   * call that had started. Gives back the calls that had not, in order.
   */
  end(end: ThreadEnd): Call[] {
    for (let item; (item = receiveMessageOnPort(this.#port));) this.#receive(item.message as unknown[]);
    this.#port.close();
    const left: Call[] = [];
    for (const [id, call] of this.#calls) {
      const isLeft = !call.settled && !this.#isClaimed(id) && call.args.resendable;
      if (isLeft) left.push(call);
      else call.fail(exitError(call, end));
      if (!isLeft) call.finished();
    }
    this.#longCalls = 0;
    this.#calls.clear();
    return left;
  }

  #isClaimed(id: number): boolean {
    return ((Atomics.load(this.#control, Cell.next) - id) | 0) > 0;
  }

  #forget(id: number, call: Call): void {
    this.#calls.delete(id);
    if (!call.isShort) this.#longCalls -= 1;
    if (!call.plan.detach) this.release();
  }

  /** Lets a record of values that nobody can change leave with the others of this turn. */
  #add(record: DownRecord): void {
    if (this.#records.length === 0) queueMicrotask(() => this.#flush());
    this.#records.push(...record);
  }

  #flush(): void {
    if (this.#records.length === 0) return;
    const records = this.#records;
    this.#records = [];
    this.#port.postMessage(records);
    Atomics.add(this.#control, Cell.down, 1);
  }

  #post(record: DownRecord, transfer: readonly Transferable[] = []): void {
    this.#flush();
    this.#port.postMessage(record, transfer);
    Atomics.add(this.#control, Cell.down, 1);
  }

  #receive(message: unknown[]): void {
    this.#progress = now();
    for (let i = 0; i < message.length; i += recordWidth) {
      const tag = message[i] as number;
      const id = message[i + 1] as number;
      if (tag === Up.timing) noteCost(id, message[i + 2] as number, message[i + 3] as number);
      else if (tag === Up.unreadable) this.#unreadable(unpackThrown(message[i + 2] as PackedThrown, {}));
      else {
        const call = this.#calls.get(id);
        if (call) this.#handle(id, call, tag, message[i + 2], message[i + 3], message[i + 4]);
      }
    }
    this.#onProgress();
  }

  /** A message was lost, and nothing tells which call it belonged to. A call that has not started never will. */
  #unreadable(cause: unknown): void {
    const text = 'Cannot read a message of another thread: what it holds cannot be made there';
    for (const [id, call] of this.#calls) {
      call.fail(new OffloopError('ERR_OFFLOOP_NOT_CLONEABLE', text, { cause }));
      if (this.#isClaimed(id)) continue;
      this.#forget(id, call);
    }
    this.takeBack();
    this.#onProgress();
  }

  #handle(id: number, call: Call, tag: number, first: unknown, second: unknown, third: unknown): void {
    if (tag === Up.started) return call.started();
    if (tag === Up.handleCall) return this.#callHandle(call, first as [number, number], second, third);
    this.#forget(id, call);
    if (tag === Up.returned)
      call.returned(first as unknown[], second as Hole[] | undefined, third as number[] | undefined);
    else call.threw(first);
    call.finished();
  }

  #callHandle(call: Call, [replyId, handleId]: [number, number], args: unknown, holes: unknown): void {
    const result = call.callHandle(handleId, replyId, args as unknown[], holes as Hole[] | undefined);
    result.then(
      (value) => this.#reply(call, replyId, value),
      (error) => this.#post([Down.fault, call.sentAs, replyId, packThrown(error), undefined]),
    );
  }

  /** Also to a call that was aborted: while its thread winds it up, it may wait for this. */
  #reply(call: Call, replyId: number, value: unknown): void {
    try {
      postResult(value, false, (values, holes, transfer) =>
        this.#post([Down.reply, call.sentAs, replyId, values, holes], transfer),
      );
    } catch (error) {
      this.#post([Down.fault, call.sentAs, replyId, packThrown(error), undefined]);
    }
  }
}

function exitError(call: Call, { exitCode, threadId, cause }: ThreadEnd): WorkerExitError {
  const reason = cause instanceof Error ? `: ${cause.message}` : '';
  const text = `The thread ended while it ran ${call.name}, with exit code ${exitCode}${reason}`;
  return new WorkerExitError(text, { exitCode, threadId }, cause === undefined ? undefined : { cause });
}
