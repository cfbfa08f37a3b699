/** Reads the messages of a thread: answers to its calls, and records about other matters. @module */

import type { Transferable } from 'node:worker_threads';
import type { Address } from '../../address/address.ts';
import { unpackThrown } from '../../codec/errors/codec.ts';
import type { PackedThrown } from '../../codec/errors/codec.ts';
import type { Hole } from '../../codec/walk/hole.ts';
import { inflate, mouldOf } from '../../codec/quick/shape.ts';
import type { Branch, Mould } from '../../codec/quick/shape.ts';
import { runWithin } from '../../context/within.ts';
import type { Call } from '../call.ts';
import { Callbacks } from './callbacks.ts';
import type { Loads } from './loads.ts';
import { settleReturned, settleThrown } from './outcome.ts';
import { printHere } from '../print.ts';
import { noteCost } from '../../wire/cost.ts';
import { noteHolder } from '../../wait/holders.ts';
import { headWidth, isOfCall, recordWidth, runTag, shapeTag, unknownTag, Up } from '../../wire/messages.ts';
import type { DownRecord, Fields } from '../../wire/messages.ts';
import type { Outbox } from '../../wire/outbox.ts';
import type { CallTag } from '../../wire/up.ts';
import type { Outstanding } from './outstanding.ts';
import { ThreadLender } from './thread-lender.ts';
import type { ThreadEndReason, ThreadWish } from '../../wire/thread-end.ts';
import type { Waits } from './waits.ts';

/** The lane whose messages are read. */
export interface AnsweredLane {
  /** The outstanding calls. */
  readonly calls: Outstanding;
  readonly loads: Loads;

  /** Called when `call` was answered, so that it is no longer outstanding. */
  forget(call: Call): void;

  /** Called when the plain `call` was taken from the outstanding ones. */
  taken(call: Call): void;

  /** Called when the thread could not read a message. */
  unheard(cause: unknown): void;
}

/** Receives records that belong to no call. */
interface AnswersListener {
  onSpoilt?(): void;
  onPrint?: ((stream: number, chunk: string | Uint8Array) => void) | undefined;
}

/**
 * Reads messages in the order in which they were sent.
 *
 * Invariant: a call is answered once; records for a call that is no longer outstanding are dropped.
 */
export class Answers {
  /** How many calls were answered, and how many milliseconds their functions ran. */
  count = 0;
  ran = 0;

  readonly #lane: AnsweredLane;
  readonly #outbox: Outbox<DownRecord>;
  readonly #waits: Waits;
  readonly #callbacks: Callbacks;
  readonly #listener: AnswersListener;

  /** The shapes that the thread has defined, by their numbers. */
  readonly #moulds: Mould[] = [];
  #lender: ThreadLender | undefined;

  constructor(lane: AnsweredLane, outbox: Outbox<DownRecord>, waits: Waits, listener: AnswersListener) {
    this.#lane = lane;
    this.#outbox = outbox;
    this.#waits = waits;
    this.#callbacks = new Callbacks(outbox, waits);
    this.#listener = listener;
  }

  /** Called when the thread was told to end: the threads that it borrowed are ended too. */
  close(): void {
    this.#lender?.close();
  }

  /** Called when the thread has ended. */
  end(): void {
    this.#lender?.finish();
  }

  /** Reads a message that arrived at the time `at`. */
  read(message: unknown[], at: number): void {
    for (let i = 0; i < message.length;) {
      const tag = message[i] as number;
      const id = message[i + 1] as number;
      if (tag === runTag) {
        i = this.#readRun(id, message, i, at);
        continue;
      }
      if (isOfCall(tag)) {
        const call = this.#lane.calls.get(id);
        if (call) this.#hearOf(call, at, tag, message[i + 2], message[i + 3], message[i + 4], message[i + 5]);
      } else this.#hear(tag, id, message[i + 2], message[i + 3]);
      i += recordWidth;
    }
  }

  /** Reads a message that has nothing but the record of a callback. */
  readCallback(message: unknown[]): void {
    const call = this.#lane.calls.get(message[1] as number);
    if (call) this.#callbacks.hear(call, message);
  }

  /** Reads a run, the plain results of consecutive calls, from the index `from`; gives the index of the next record. */
  #readRun(firstId: number, message: unknown[], from: number, at: number): number {
    const count = message[from + 3] as number;
    const sum = message[from + 2] as number;
    const time = sum / count;
    this.ran += sum;
    const form = message[from + 4] as number;
    // The result is the only item.
    const [mould] = form < 0 ? (this.#moulds[-1 - form] as Mould).parts : [];
    const width = mould?.width ?? 1;
    const lane = this.#lane;
    const { calls } = lane;
    let answered: Call | undefined;
    let next = from + headWidth;
    for (let n = 0; n < count; n += 1, next += width) {
      const id = (firstId + n) | 0;
      const plain = calls.takePlain(id);
      const call = plain ?? calls.get(id);
      if (!call) continue;
      if (plain) lane.taken(plain);
      else lane.forget(call);
      this.count += 1;
      call.returned(mould ? inflate(mould, message, next) : message[next], time, at);
      answered = call;
    }
    if (answered) noteCost(answered.definition.learnt, time);
    return next;
  }

  /** Reads a record about `call`, which is outstanding. */
  #hearOf(call: Call, at: number, tag: number, ...[first, second, third, fourth]: Fields): void {
    if (tag === Up.item) {
      const item = { values: first as unknown[], holes: second as Hole[] | undefined, isBuffer: fourth as boolean };
      call.stream?.heard(third as number, item);
    } else if (tag === Up.bell) call.stream?.woken();
    else if (tag === Up.returned) {
      this.#done(call, fourth as number);
      const [holes, loose] = [second as Hole[] | undefined, third as number[] | undefined];
      settleReturned(call, { packed: first as unknown[], holes, loose }, fourth as number, at);
    } else if (tag === Up.threw) {
      this.#done(call, fourth as number);
      settleThrown(call, first as PackedThrown, fourth as number, at);
    } else if (tag === Up.told) {
      if (call.bridge) call.bridge.isTold = true;
    } else if (tag === Up.dropped) call.plan.kept?.drop(first as number, second as number);
    else if (tag === Up.drop) call.bridge?.abort(first as number, unpackThrown(second as PackedThrown, {}));
    else if (tag === Up.sleeps) {
      const place = { words: second as Int32Array, at: third as number };
      this.#waits.sleeps(call, first as number, place, fourth as boolean);
    } else if (tag === Up.started) call.limits?.started();
    else if (tag === Up.askSource) this.#askSource(call, first as number);
    else if (tag === Up.context) {
      const [variables, stores] = [first as unknown[], second as unknown[]];
      this.#callbacks.context = { variables, stores, holes: third as Hole[] | undefined };
    } else if (tag === Up.handBack)
      call.lent?.restore(first as unknown[], second as Hole[] | undefined, third as readonly Transferable[]);
    else {
      const [replyId, callbackId] = [first as number, second as number];
      this.#callbacks.run(call, tag as CallTag, replyId, callbackId, third as unknown[], fourth as Hole[] | undefined);
    }
  }

  /** Reads a record that is about no call. */
  #hear(tag: number, id: number, first: unknown, second: unknown): void {
    if (tag === shapeTag) this.#moulds[id] = mouldOf(first as Branch);
    else if (tag === Up.define) this.#callbacks.define(id, first as Address);
    else if (tag === Up.output) (this.#listener.onPrint ?? printHere)(id, first as string | Uint8Array);
    else if (tag === Up.holds) this.#holds(id, first as string, second as Int32Array);
    else if (tag === Up.wantThread) (this.#lender ??= new ThreadLender(this.#outbox)).lend(id, first as ThreadWish);
    else if (tag === Up.endThread) this.#lender?.end(id, first as ThreadEndReason | undefined);
    else if (tag === Up.prepared) this.#prepared(id, first as boolean);
    else this.#lane.unheard(tag === Up.unreadable ? unpackThrown(first as PackedThrown, {}) : unknownTag(tag));
  }

  /** Counts the answer to `call`, which ran for `time` milliseconds. */
  #done(call: Call, time: number): void {
    this.#lane.forget(call);
    this.count += 1;
    this.ran += time;
    noteCost(call.definition.learnt, time);
  }

  /** Called when the thread has finished the look-up for the call `id`, which was taken back. */
  #prepared(id: number, isSpoilt: boolean): void {
    this.#lane.loads.prepared(id);
    // A module that asked for its call while it was loaded did not get it, so it may be half loaded.
    if (isSpoilt) this.#listener.onSpoilt?.();
  }

  /** Notes that the thread `id`, this one or one that it borrowed, may hold a primitive. */
  #holds(id: number, kind: string, words: Int32Array): void {
    this.#waits.wereThere = true;
    noteHolder(id, kind, words, this.#waits.threadId);
  }

  #askSource(call: Call, sourceId: number): void {
    const outbox = this.#outbox;
    const tell = (record: DownRecord, transfer: readonly Transferable[]): void => outbox.send(record, transfer);
    call.lent?.sources?.ask(sourceId, { callId: call.sentAs, tell }, (run) => runWithin(call, run));
    this.#waits.asks();
  }
}
