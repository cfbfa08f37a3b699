/** The main side's end of the line to one thread. @module */

import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { MessagePort, Transferable } from 'node:worker_threads';
import type { Address } from '../address/address.ts';
import type { Definition } from '../address/registry.ts';
import { addressOf } from '../address/address-of.ts';
import { packThrown, unpackThrown } from '../codec/error-codec.ts';
import type { PackedThrown } from '../codec/error-codec.ts';
import type { Hole } from '../codec/hole.ts';
import { Cell, cellCount, Down, recordWidth, Up } from '../codec/messages.ts';
import type { DownRecord, LaneOffer, LocalAddress } from '../codec/messages.ts';
import { OffloopError, WorkerExitError } from '../errors.ts';
import type { Call } from './call.ts';
import { postResult } from './post.ts';

/** How a thread ended. */
export interface ThreadEnd {
  readonly exitCode: number;
  readonly threadId: number;

  /** The error that ended it, if there was one. */
  readonly cause: unknown;
}

/**
 * A line to one thread: calls go down, results and callbacks come up, each in the order in which they were sent.
 *
 * Invariant: the port keeps the process alive while, and only while, a call is out or `hold` was called more often
 * than `release`.
 */
export class Lane {
  /** What the thread needs to open its end. The port has to be transferred. */
  readonly offer: LaneOffer;

  readonly #port: MessagePort;
  readonly #control = new Int32Array(new SharedArrayBuffer(cellCount * Int32Array.BYTES_PER_ELEMENT));
  readonly #defined = new Set<number>();
  readonly #calls = new Map<number, Call>();
  readonly #onFree: () => void;
  readonly #introduce: (definition: Definition) => Address | LocalAddress;
  #holds = 0;

  /**
   * `onFree` is called whenever the last call that was out has been answered; `introduce` gives the address under which
   * the other end finds a function.
   */
  constructor(onFree: () => void, introduce: (definition: Definition) => Address | LocalAddress = addressOf) {
    const { port1, port2 } = new MessageChannel();
    this.offer = { port: port2, control: this.#control };
    this.#port = port1;
    this.#onFree = onFree;
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
    return this.#calls.has(call.id);
  }

  /** Closes the line; nothing was sent, or what was sent no longer matters. */
  close(): void {
    this.#port.close();
  }

  /** Keeps the process alive until {@link release}. */
  hold(): void {
    this.#holds += 1;
    if (this.#holds === 1) this.#port.ref();
  }

  release(): void {
    this.#holds -= 1;
    if (this.#holds === 0) this.#port.unref();
  }

  /** Sends `call`, or fails it if it has no address or its arguments cannot cross; then the lane stays as it was. */
  send(call: Call): boolean {
    const { definition } = call;
    try {
      const address = this.#introduce(definition);
      if (!this.#defined.has(definition.id)) {
        this.#post([Down.define, definition.id, address, undefined, undefined]);
        this.#defined.add(definition.id);
      }
      const tag = call.plan.timeout === Infinity ? Down.call : Down.timedCall;
      call.args.deliver((values, holes, transfer) =>
        this.#post([tag, call.id, definition.id, values, holes], transfer),
      );
    } catch (error) {
      call.fail(error);
      return false;
    }
    this.#calls.set(call.id, call);
    if (!call.plan.detach) this.hold();
    call.sent();
    return true;
  }

  /**
   * Settles what was out when the thread ended: results that it had sent first, then `ERR_OFFLOOP_WORKER_EXIT` for a
   * call that had started. Gives back the calls that had not, in order.
   */
  end(end: ThreadEnd): Call[] {
    for (let item; (item = receiveMessageOnPort(this.#port));) this.#receive(item.message as unknown[]);
    this.#port.close();
    const started = Atomics.load(this.#control, Cell.started);
    const left: Call[] = [];
    for (const call of this.#calls.values()) {
      const isLeft = !call.settled && call.id !== started && call.args.resendable;
      if (isLeft) left.push(call);
      else call.fail(exitError(call, end));
      if (!isLeft) call.finished();
    }
    this.#calls.clear();
    return left;
  }

  #post(record: DownRecord, transfer: readonly Transferable[] = []): void {
    this.#port.postMessage(record, transfer);
  }

  #receive(message: unknown[]): void {
    for (let i = 0; i < message.length; i += recordWidth) {
      if (message[i] === Up.unreadable) this.#unreadable(unpackThrown(message[i + 2] as PackedThrown, {}));
      const call = this.#calls.get(message[i + 1] as number);
      if (call) this.#handle(call, message[i] as number, message[i + 2], message[i + 3], message[i + 4]);
    }
  }

  /** A message was lost, and nothing tells which call it belonged to. A call that has not started never will. */
  #unreadable(cause: unknown): void {
    const text = 'Cannot read a message of another thread: what it holds cannot be made there';
    for (const call of this.#calls.values()) {
      call.fail(new OffloopError('ERR_OFFLOOP_NOT_CLONEABLE', text, { cause }));
      if (call.id === Atomics.load(this.#control, Cell.started)) continue;
      this.#calls.delete(call.id);
      if (!call.plan.detach) this.release();
    }
    if (this.#calls.size === 0) this.#onFree();
  }

  #handle(call: Call, tag: number, first: unknown, second: unknown, third: unknown): void {
    if (tag === Up.started) return call.started();
    if (tag === Up.handleCall) return this.#callHandle(call, first as [number, number], second, third);
    this.#calls.delete(call.id);
    if (!call.plan.detach) this.release();
    if (tag === Up.returned)
      call.returned(first as unknown[], second as Hole[] | undefined, third as number[] | undefined);
    else call.threw(first);
    call.finished();
    if (this.#calls.size === 0) this.#onFree();
  }

  #callHandle(call: Call, [replyId, handleId]: [number, number], args: unknown, holes: unknown): void {
    const result = call.callHandle(handleId, replyId, args as unknown[], holes as Hole[] | undefined);
    result?.then(
      (value) => this.#reply(call, replyId, value),
      (error) => this.#post([Down.fault, call.id, replyId, packThrown(error), undefined]),
    );
  }

  #reply(call: Call, replyId: number, value: unknown): void {
    if (call.settled) return;
    try {
      postResult(value, false, (values, holes, transfer) =>
        this.#post([Down.reply, call.id, replyId, values, holes], transfer),
      );
    } catch (error) {
      this.#post([Down.fault, call.id, replyId, packThrown(error), undefined]);
    }
  }
}

function exitError(call: Call, { exitCode, threadId, cause }: ThreadEnd): WorkerExitError {
  const reason = cause instanceof Error ? `: ${cause.message}` : '';
  const text = `The thread ended while it ran ${call.definition.name || 'the function'}, with exit code ${exitCode}${reason}`;
  return new WorkerExitError(text, { exitCode, threadId }, cause === undefined ? undefined : { cause });
}
