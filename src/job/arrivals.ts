/**
 * Reads the messages of the main side: calls, which wait here until they run, and records for the running call. @module
 */

import type { Hole } from '../codec/walk/hole.ts';
import { inflate, mouldOf } from '../codec/quick/shape.ts';
import type { Branch, Mould } from '../codec/quick/shape.ts';
import { Surroundings } from '../context/surroundings.ts';
import type { StreamOffer } from '../channel/ring/ring.ts';
import { Job } from './job.ts';
import type { JobLane } from './job.ts';
import {
  Down,
  headWidth,
  isCall,
  isOfThread,
  isToCall,
  recordWidth,
  runTag,
  shapeTag,
  unknownTag,
} from '../wire/messages.ts';
import type { Fields } from '../wire/messages.ts';
import type { Transport, TransportListener } from '../wire/transport.ts';

/** Receives the records that are neither calls nor definitions for following calls. */
export interface ArrivalsHooks {
  readonly hear: (tag: number, id: number, fields: Fields) => void;

  /** Called when a message has arrived that could not be read. */
  readonly unreadable: (error: unknown) => void;
}

/**
 * Reads messages in the order in which they were sent.
 *
 * Invariant: each record that was read is a call in the queue, or is stored for the following calls, or was passed to
 * `hear`.
 */
export class Arrivals<A> {
  /**
   * The addresses of functions that the main side has sent, by the functions' ids; or the id of the function that one is
   * a part of.
   */
  readonly #addresses = new Map<number, A | number>();

  readonly #transport: Transport;
  readonly #lane: JobLane;
  readonly #hooks: ArrivalsHooks;
  readonly #messages: TransportListener;
  #jobs: Job[] = [];
  #at = 0;

  /** The first call in the queue. A field, because each call reads it; only this class writes it. */
  next: Job | undefined;

  /** The shapes that the main side has defined, by their numbers. */
  readonly #moulds: Mould[] = [];

  /** The context of the following calls. */
  #surroundings: Surroundings | undefined;

  constructor(transport: Transport, lane: JobLane, hooks: ArrivalsHooks) {
    this.#transport = transport;
    this.#lane = lane;
    this.#hooks = hooks;
    this.#messages = { receive: this.read, unreadable: hooks.unreadable };
  }

  /** The id of the function whose address that of the function `id` is: most are no part of another. */
  wholeOf(id: number): number {
    const address = this.#addresses.get(id);
    return typeof address === 'number' ? address : id;
  }

  /** The address of the function `id`. */
  addressOf(id: number): A {
    return this.#addresses.get(this.wholeOf(id)) as A;
  }

  /** Removes the first call from the queue. */
  take(): void {
    this.#at += 1;
    this.next = this.#jobs[this.#at];
    if (this.next !== undefined) return;
    // Free the calls that were taken.
    this.#jobs = [];
    this.#at = 0;
  }

  /** The calls in the queue. */
  get waiting(): readonly Job[] {
    return this.#jobs.slice(this.#at);
  }

  /** The call `id`, if it is in the queue. */
  find(id: number): Job | undefined {
    return this.#jobs.find((job, at) => at >= this.#at && job.id === id);
  }

  /** Reads the messages that have arrived, without the event loop; gives whether there were any. */
  pull(): boolean {
    return this.#transport.take(this.#messages);
  }

  readonly read = (message: unknown[]): void => {
    const { awaited } = this.#lane;
    if (awaited !== undefined && awaited.takes(message)) return;
    for (let i = 0; i < message.length;) {
      const tag = message[i] as number;
      const id = message[i + 1] as number;
      if (tag === runTag) i = this.#readRun(id, message, i);
      else {
        this.#readRecord(tag, id, message[i + 2], message[i + 3], message[i + 4], message[i + 5]);
        i += recordWidth;
      }
    }
  };

  /**
   * The call of a `message` that has nothing but this one, sent the short way, and no context; `undefined` for any other
   * message, or while calls are in the queue. The call is not put into the queue.
   */
  lone(message: unknown[]): Job | undefined {
    if (message[0] !== runTag || message[3] !== 1 || this.#surroundings || this.next !== undefined) return undefined;
    const form = message[4] as number;
    const mould = form < 0 ? this.#moulds[-1 - form] : undefined;
    if (message.length !== headWidth + (mould?.width ?? form)) return undefined;
    const args = mould ? (inflate(mould, message, headWidth) as unknown[]) : message.slice(headWidth);
    return new Job(this.#lane, runTag, message[1] as number, message[2] as number, args, undefined);
  }

  /** Reads a run, consecutive calls of one function, from the index `at`; gives the index of the next record. */
  #readRun(firstId: number, message: unknown[], at: number): number {
    const functionId = message[at + 2] as number;
    const count = message[at + 3] as number;
    const form = message[at + 4] as number;
    const mould = form < 0 ? this.#moulds[-1 - form] : undefined;
    const width = mould?.width ?? form;
    const surroundings = this.#surroundings;
    let next = at + headWidth;
    for (let n = 0; n < count; n += 1, next += width) {
      const args = mould ? (inflate(mould, message, next) as unknown[]) : message.slice(next, next + width);
      const id = (firstId + n) | 0;
      const job = new Job(this.#lane, runTag, id, functionId, args, surroundings);
      this.#jobs.push(job);
      this.next ??= job;
    }
    return next;
  }

  #readRecord(tag: number, id: number, ...fields: Fields): void {
    const [first, second, third, fourth] = fields;
    if (tag === shapeTag) this.#moulds[id] = mouldOf(first as Branch);
    else if (tag === Down.define) this.#addresses.set(id, first as A | number);
    else if (isToCall(tag) || isOfThread(tag)) this.#hooks.hear(tag, id, fields);
    else if (tag === Down.context) {
      const [variables, stores] = [first as unknown[] | undefined, second as unknown[]];
      this.#surroundings = variables && new Surroundings({ variables, stores, holes: third as Hole[] | undefined });
    } else if (!isCall(tag)) this.#hooks.unreadable(unknownTag(tag));
    else {
      const [functionId, args] = [first as number, second as unknown[]];
      const holes = third as Hole[] | undefined;
      const [offer, ticket] = typeof fourth === 'number' ? [undefined, fourth] : [fourth as StreamOffer | undefined];
      const surroundings = this.#surroundings;
      const job = new Job(this.#lane, tag, id, functionId, args, surroundings, holes, offer, ticket);
      this.#jobs.push(job);
      this.next ??= job;
    }
  }
}
