/** A partition of a grouped stream: the items of some keys. @module */

import { Fifo } from '../../base/fifo.ts';
import { now } from '../../base/clock.ts';
import { compile } from '../stages/compile.ts';
import { Drive } from '../run/drive.ts';
import type { Asker } from '../run/drive.ts';
import type { Token } from './group-token.ts';
import { OpenPull } from '../run/open-pull.ts';
import { over } from '../run/pull.ts';
import type { Run } from '../run/run.ts';
import type { Stage } from '../stages/stage.ts';

/** The work of one partition. */
export interface PartitionStats {
  /** Items that have not begun. */
  readonly waiting: number;

  /** Items that have left: their results were taken, or they were left out. */
  readonly done: number;

  /** The key of the item that was begun first and has not left, if there is one. */
  readonly key: unknown;

  /** How long that has been going on, in milliseconds; `0` if nothing is. */
  readonly time: number;
}

/** The group of a partition: it gives the partition its items, and receives their results. */
export interface PartitionOwner {
  hasRoom(): boolean;
  result(value: unknown, token: Token): void;
  over(): void;
  failed(error: unknown): void;
}

/**
 * The items of some keys, one after the other.
 *
 * Invariant: `#open` has the items that have not left, in order.
 */
export class Partition extends OpenPull implements Asker {
  readonly #owner: PartitionOwner;
  readonly #results: Drive;
  readonly #line = new Fifo<{ readonly value: unknown; readonly token: Token }>();
  readonly #open = new Set<Token>();
  #hasEnded = false;
  #done = 0;

  constructor(stages: readonly Stage[], run: Run, owner: PartitionOwner) {
    super();
    this.#owner = owner;
    this.#results = new Drive(compile(this, stages, run), this);
  }

  get isOver(): boolean {
    return this.#results.isOver;
  }

  get stats(): PartitionStats {
    const [first] = this.#open;
    const begunAt = first?.begunAt;
    const isBusy = begunAt !== undefined;
    return {
      waiting: this.#line.size,
      done: this.#done,
      key: isBusy ? first?.key : undefined,
      time: isBusy ? now() - begunAt : 0,
    };
  }

  put(value: unknown, token: Token): void {
    this.#line.push({ value, token });
    this.#open.add(token);
    this.wake();
    this.goOn();
  }

  /** No more comes. */
  end(): void {
    this.#hasEnded = true;
    this.wake();
    this.goOn();
  }

  /** Works on, if there is room for results. */
  goOn(): void {
    if (this.#owner.hasRoom()) this.#results.ask();
  }

  left(token: Token): void {
    this.#open.delete(token);
    this.#done += 1;
  }

  /** The stages ask for an item. */
  next(): unknown {
    return this.look();
  }

  protected look(): unknown {
    const entry = this.#line.shift();
    if (!entry) return this.#hasEnded ? over : this.wait();
    entry.token.begin();
    this.delivery = entry.token;
    return entry.value;
  }

  /** The stages have given a result. */
  item(value: unknown): void {
    this.#owner.result(value, this.#results.pull.delivery as Token);
    this.goOn();
  }

  over(): void {
    this.#owner.over();
  }

  failed(error: unknown): void {
    this.#owner.failed(error);
  }
}
