/** The items of a stream by their keys: those of one key in order, those of different keys side by side. @module */

import { Fifo } from '../../base/fifo.ts';
import { Drive } from '../run/drive.ts';
import type { Asker } from '../run/drive.ts';
import { Token } from './group-token.ts';
import type { TokenOwner } from './group-token.ts';
import { OpenPull } from '../run/open-pull.ts';
import { Partition } from './partition.ts';
import type { PartitionStats } from './partition.ts';
import { partitionOf } from './partition-of.ts';
import { treat } from '../run/policy.ts';
import { over } from '../run/pull.ts';
import type { Pull } from '../run/pull.ts';
import type { Run } from '../run/run.ts';
import type { Stage } from '../stages/stage.ts';
import { isThenable } from '../../base/thenable.ts';
import { Promise, queueMicrotask } from '../../base/intrinsics.ts';

/** An item with its key, on its way to its partition. */
export interface Keyed {
  readonly key: unknown;
  readonly value: unknown;
}

/** How a stream is grouped. */
export interface Grouping {
  readonly partitions: number;

  /** How many items may be inside. */
  readonly maxSize: number;

  /** The stages of each partition. */
  readonly stages: readonly Stage[];

  /** Whether results come with their keys. */
  readonly withKeys: boolean;
}

/** The work of a grouped stream. */
export interface GroupStats {
  /** Items inside: waiting, being worked on, or with results that were not taken. */
  readonly size: number;
  readonly partitions: readonly PartitionStats[];
}

/** How many items are taken in at once for each partition. */
const atOnce = 2;

/**
 * Sends each item to the partition of its key, where it goes through the stages one after the other, and gives the results as
 * they come.
 *
 * Invariant: at most `maxSize` items are inside, and as many results wait.
 */
export class Group extends OpenPull implements Asker, TokenOwner {
  readonly #source: Drive;
  readonly #run: Run;
  readonly #grouping: Grouping;
  readonly #partitions: readonly Partition[];
  readonly #results = new Fifo<{ readonly value: unknown; readonly token: Token }>();
  #size = 0;
  #failure: { readonly error: unknown } | undefined;
  #isFilling = false;

  constructor(source: Pull, run: Run, grouping: Grouping) {
    super();
    this.#source = new Drive(source, this);
    this.#run = run;
    this.#grouping = grouping;
    const { partitions, maxSize, stages } = grouping;
    const most = Math.max(1, Math.ceil(maxSize / partitions));
    this.#partitions = Array.from({ length: partitions }, (_, number) => {
      const { scope, deliveries, policy } = run;
      const own: Run = {
        scope,
        deliveries,
        policy,
        maxSize: most,
        partition: number,
        close: async () => run.close(),
        get signal() {
          return run.signal;
        },
      };
      return new Partition(stages, own, {
        hasRoom: () => this.#hasRoom,
        result: (value, token) => this.#result(value, token),
        over: () => this.wake(),
        failed: (error) => this.failed(error),
      });
    });
  }

  get stats(): GroupStats {
    return { size: this.#size, partitions: this.#partitions.map((partition) => partition.stats) };
  }

  next(): unknown {
    this.#fill();
    return this.look();
  }

  item(keyed: unknown): void {
    const { delivery } = this.#source.pull;
    const { key, value } = keyed as Keyed;
    this.#size += 1;
    let number: number;
    try {
      number = partitionOf(key, this.#partitions.length);
    } catch (error) {
      return this.#refused(value, error, new Token(this, key, -1, delivery));
    }
    this.#partitions[number]?.put(value, new Token(this, key, number, delivery));
    if (!this.#isFilling) this.#fill();
  }

  over(): void {
    for (const partition of this.#partitions) partition.end();
    this.wake();
  }

  failed(error: unknown): void {
    this.#failure ??= { error };
    this.wake();
  }

  left(token: Token): void {
    this.#size -= 1;
    this.#partitions[token.partition]?.left(token);
    this.wake();
  }

  /** A key that is none is as a function that has failed. */
  #refused(value: unknown, error: unknown, token: Token): void {
    let treated: unknown;
    try {
      treated = treat(this.#run, error, value, token);
    } catch (reason) {
      return this.failed(reason);
    }
    if (!isThenable(treated)) return token.accept();
    Promise.resolve(treated).then(
      () => token.accept(),
      (reason) => this.failed(reason),
    );
  }

  get #hasRoom(): boolean {
    return this.#results.size < this.#grouping.maxSize && !this.#failure && !this.#run.scope.isClosed;
  }

  #result(value: unknown, token: Token): void {
    this.#results.push({ value: this.#grouping.withKeys ? [token.key, value] : value, token });
    this.wake();
  }

  /**
   * Takes items in, a few at a time: where results are there soon, no more are wanted. A consumer that waits for a result and
   * gets none takes in more, up to the bound.
   */
  #fill(): void {
    if (this.#isFilling) return;
    this.#isFilling = true;
    const { maxSize, partitions } = this.#grouping;
    const most = Math.min(maxSize, this.#size + atOnce * partitions);
    while (this.#size < most && this.#results.size < partitions && this.#isOpen) this.#source.ask();
    this.#isFilling = false;
  }

  get #isOpen(): boolean {
    const { isOver, isAsking } = this.#source;
    return !isOver && !isAsking && !this.#failure && !this.#run.scope.isClosed;
  }

  protected look(): unknown {
    const result = this.#results.shift();
    if (result) {
      const { value, token } = result;
      const { inner } = token;
      inner?.hold();
      token.release();
      this.delivery = inner;
      for (const partition of this.#partitions) partition.goOn();
      this.#fill();
      return value;
    }
    // The first error counts.
    if (this.#failure) throw this.#failure.error;
    if (this.#partitions.every(({ isOver }) => isOver)) return over;
    this.#fill();
    if (this.#results.size > 0) return this.look();
    const waiting = this.wait();
    if (this.#isOpen && this.#size < this.#grouping.maxSize) queueMicrotask(() => this.wake());
    return waiting;
  }
}
