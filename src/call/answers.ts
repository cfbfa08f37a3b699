/** What comes up a lane: answers to calls, and what else a thread says. @module */

import type { Transferable } from 'node:worker_threads';
import { unpackThrown } from '../codec/error-codec.ts';
import type { PackedThrown } from '../codec/error-codec.ts';
import type { Hole } from '../codec/hole.ts';
import { inflate, mouldOf } from '../codec/shape.ts';
import type { Branch, Mould } from '../codec/shape.ts';
import type { Call } from './call.ts';
import { noteCost } from '../wire/cost.ts';
import { noteHolder } from '../wait/holders.ts';
import { headWidth, isOfWait, recordWidth, runTag, shapeTag, unknownTag, Up } from '../wire/messages.ts';
import type { DownRecord, Fields } from '../wire/messages.ts';
import type { Outbox } from '../wire/outbox.ts';
import type { Outstanding } from './outstanding.ts';
import { ThreadLender } from './thread-lender.ts';
import type { ThreadEndReason, ThreadWish } from '../wire/thread-end.ts';
import type { Waits } from './waits.ts';

/** What answers are about. */
export interface AnswersLane {
  readonly outbox: Outbox<DownRecord>;
  readonly waits: Waits;

  /** The calls that are out. */
  readonly calls: Outstanding;

  /** `call` was answered: it is out no longer. */
  forget(call: Call): void;

  /** The running call waits for items that the main side is to give. */
  onWait(): void;

  /** What was loaded for the call `id`, which was taken back, is there; it `isSpoilt` if it wanted the call. */
  prepared(id: number, isSpoilt: boolean): void;

  /** The thread has printed something, to stdout (`1`) or stderr (`2`). */
  readonly print: (stream: number, chunk: string | Uint8Array) => void;

  /** A message was lost on its way. */
  unreadable(cause: unknown): void;
}

/**
 * Reads messages in the order in which they were sent.
 *
 * Invariant: a call is answered once; what comes for one that is not out any more is dropped.
 */
export class Answers {
  /** How many there were, and how many milliseconds their functions ran. */
  count = 0;
  ran = 0;

  readonly #lane: AnswersLane;

  /** For the shapes that the thread has told of, by their numbers. */
  readonly #moulds: Mould[] = [];
  #lender: ThreadLender | undefined;

  constructor(lane: AnswersLane) {
    this.#lane = lane;
  }

  /** The thread was told to end: so are those that it was lent. */
  close(): void {
    this.#lender?.close();
  }

  /** It has ended. */
  end(): void {
    this.#lender?.finish();
  }

  /** Takes in a message that has arrived at `at`. */
  read(message: unknown[], at: number): void {
    for (let i = 0; i < message.length;) {
      const tag = message[i] as number;
      const id = message[i + 1] as number;
      if (tag === runTag) i = this.#readRun(id, message, i, at);
      else {
        this.#readRecord(at, tag, id, message[i + 2], message[i + 3], message[i + 4], message[i + 5]);
        i += recordWidth;
      }
    }
  }

  /** Plain values of calls that follow each other, from `from` on; gives where the next record begins. */
  #readRun(firstId: number, message: unknown[], from: number, at: number): number {
    const count = message[from + 3] as number;
    const sum = message[from + 2] as number;
    const time = sum / count;
    this.ran += sum;
    const form = message[from + 4] as number;
    // The result is the only item.
    const [mould] = form < 0 ? (this.#moulds[-1 - form] as Mould).parts : [];
    const width = mould?.width ?? 1;
    let answered: Call | undefined;
    let next = from + headWidth;
    for (let n = 0; n < count; n += 1, next += width) {
      const call = this.#done((firstId + n) | 0);
      if (!call) continue;
      call.returned(mould ? inflate(mould, message, next) : message[next], time, at);
      answered = call;
    }
    if (answered) noteCost(answered.definition.learnt, time);
    return next;
  }

  #readRecord(at: number, tag: number, id: number, ...fields: Fields): void {
    const [first, second, third, fourth] = fields;
    if (tag === Up.item) {
      const item = { values: first as unknown[], holes: second as Hole[] | undefined, isBuffer: fourth as boolean };
      this.#lane.calls.get(id)?.stream?.heard(third as number, item);
    } else if (tag === Up.bell) this.#lane.calls.get(id)?.stream?.woken();
    else if (tag === Up.returned || tag === Up.threw) this.#answer(at, tag, id, fields);
    else if (isOfWait(tag)) this.#lane.waits.hear(tag, id, this.#lane.calls.get(id), fields);
    else if (tag === shapeTag) this.#moulds[id] = mouldOf(first as Branch);
    else if (tag === Up.started) this.#lane.calls.get(id)?.started();
    else if (tag === Up.handBack) {
      const parts = [first as unknown[], second as Hole[] | undefined, third as readonly Transferable[]] as const;
      this.#lane.calls.get(id)?.handedBack(...parts);
    } else if (tag === Up.askSource) this.#askSource(id, first as number);
    else if (tag === Up.output) this.#lane.print(id, first as string | Uint8Array);
    else if (tag === Up.holds) this.#holds(id, first as string, second as Int32Array);
    else if (tag === Up.wantThread)
      (this.#lender ??= new ThreadLender(this.#lane.outbox)).lend(id, first as ThreadWish);
    else if (tag === Up.endThread) this.#lender?.end(id, first as ThreadEndReason | undefined);
    else if (tag === Up.prepared) this.#lane.prepared(id, first as boolean);
    else this.#lane.unreadable(tag === Up.unreadable ? unpackThrown(first as PackedThrown, {}) : unknownTag(tag));
  }

  #answer(at: number, tag: number, id: number, [first, holes, loose, ran]: Fields): void {
    const call = this.#done(id);
    if (!call) return;
    const time = ran as number;
    this.ran += time;
    noteCost(call.definition.learnt, time);
    if (tag === Up.threw) {
      call.threw(first, time, at);
      call.finished();
    } else {
      const [values, callbacks] = [first as unknown[], loose as number[] | undefined];
      call.returnedMore(values, holes as Hole[] | undefined, callbacks, time, at);
    }
  }

  /** The call that was answered. */
  #done(id: number): Call | undefined {
    const call = this.#lane.calls.get(id);
    if (!call) return undefined;
    this.#lane.forget(call);
    this.count += 1;
    return call;
  }

  /** The thread `id`, this one or one that it has asked for, may hold something. */
  #holds(id: number, kind: string, words: Int32Array): void {
    this.#lane.waits.wereThere = true;
    noteHolder(id, kind, words);
  }

  #askSource(id: number, sourceId: number): void {
    const { outbox, waits } = this.#lane;
    const tell = (record: DownRecord, transfer: readonly Transferable[]): void => outbox.send(record, transfer);
    waits.wereThere = true;
    this.#lane.calls.get(id)?.askSource(sourceId, { callId: id, tell });
    this.#lane.onWait();
  }
}
