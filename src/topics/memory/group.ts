/** A group: consumers that share the messages of a topic in memory. @module */

import { after } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { AckRun } from '../../streams/events/run-of-acks.ts';
import type { StartPosition } from '../transport.ts';
import type { Entry, Log } from './log.ts';

/** A consumer, as its group sees it. */
export interface Member {
  /** There may be a message to take. */
  pump(): void;
}

/** A message on its way to a member, or back from one. */
export interface Flight {
  readonly entry: Entry;

  /** Its number in its partition. */
  readonly number: number;
  readonly attempt: number;

  /** How often the group had sought when it was delivered. */
  readonly epoch: number;
}

/** A message that waits for its time to come again. */
interface Delayed {
  readonly later: Later;
  run(): void;
}

/** One partition, as a group knows it. */
interface Share {
  /** The number of the next message that was never delivered. */
  next: number;

  /** The number from which `acks` counts. */
  base: number;
  acks: AckRun;

  /** The messages that are to be delivered again, oldest first. */
  readonly again: Flight[];

  /** The consumer that gets its messages, and how many of them that has in hand. */
  owner: Member | undefined;
  busy: number;
}

/**
 * A group of one topic, or a consumer without a group, which is a group of its own.
 *
 * Invariant: of one partition only one member has messages in hand, so that its messages come in order.
 */
export class Group {
  readonly #log: Log;
  readonly #shares: readonly Share[];
  readonly #members: Member[] = [];
  readonly #delayed = new Set<Delayed>();
  #epoch = 0;

  /** Told when a position has moved. */
  readonly #onProgress: () => void;

  constructor(log: Log, start: StartPosition, onProgress: () => void) {
    this.#log = log;
    this.#onProgress = onProgress;
    this.#shares = Array.from({ length: log.partitions }, (_, partition) => {
      const next = log.find(partition, start);
      return { next, base: next, acks: new AckRun(), again: [], owner: undefined, busy: 0 };
    });
  }

  get size(): number {
    return this.#members.length;
  }

  /** How many messages were not dealt with. */
  get lag(): number {
    return this.#shares.reduce((sum, _, partition) => sum + this.#lagOf(partition), 0);
  }

  /** Whether a message is still to be dealt with. */
  needs(partition: number, number: number): boolean {
    const share = this.#shares[partition] as Share;
    return number >= share.base + share.acks.position;
  }

  join(member: Member): void {
    this.#members.push(member);
    for (const { later } of this.#delayed) later.hold();
    this.#divide();
  }

  /** A member takes no more messages. */
  leave(member: Member): void {
    const at = this.#members.indexOf(member);
    if (at >= 0) this.#members.splice(at, 1);
    // Nobody waits for what is to come again.
    if (this.size === 0) for (const { later } of this.#delayed) later.letGo();
    this.#divide();
  }

  /** A message has come. */
  arrived({ partition }: Entry): void {
    this.#shares[partition]?.owner?.pump();
  }

  /** The next message for `member`, the oldest of its partitions; what is to come again goes before. */
  take(member: Member): Flight | undefined {
    let best: { share: Share; flight: Flight } | undefined;
    for (const [partition, share] of this.#shares.entries()) {
      if (share.owner !== member) continue;
      const flight = share.again[0] ?? this.#fresh(partition, share);
      if (flight && (!best || flight.entry.position < best.flight.entry.position)) best = { share, flight };
    }
    if (!best) return undefined;
    const { share, flight } = best;
    if (share.again[0] === flight) share.again.shift();
    else share.next = flight.number + 1;
    share.busy += 1;
    return flight;
  }

  ack({ entry, number, epoch }: Flight): void {
    if (epoch !== this.#epoch) return;
    const share = this.#settled(entry);
    if (share.acks.ack(number - share.base)) this.#onProgress();
    this.#release(share);
  }

  /** A message comes again after `delay`, as delivery `attempt`. */
  nack({ entry, number, epoch }: Flight, attempt: number, delay: number): void {
    if (epoch !== this.#epoch) return;
    const share = this.#settled(entry);
    const back = { entry, number, attempt, epoch };
    if (delay <= 0) this.#comesBack(share, back);
    else this.#later(delay, () => this.#comesBack(share, back));
    this.#release(share);
  }

  /** All goes on from `start`. */
  seek(start: StartPosition): void {
    for (const { later } of this.#delayed) cancel(later);
    this.#delayed.clear();
    this.#epoch += 1;
    for (const [partition, share] of this.#shares.entries()) {
      const next = this.#log.find(partition, start);
      Object.assign(share, { next, base: next, acks: new AckRun(), busy: 0 });
      share.again.length = 0;
    }
    this.#divide();
  }

  /** Messages that wait for their time come at once. */
  close(): void {
    for (const { later, run } of this.#delayed) {
      cancel(later);
      run();
    }
    this.#delayed.clear();
  }

  #later(delay: number, run: () => void): void {
    const later = after(delay, () => {
      this.#delayed.delete(delayed);
      later.letGo();
      run();
    });
    if (this.size > 0) later.hold();
    const delayed = { later, run };
    this.#delayed.add(delayed);
  }

  #lagOf(partition: number): number {
    const share = this.#shares[partition] as Share;
    return this.#log.endOf(partition) - (share.base + share.acks.position);
  }

  #fresh(partition: number, share: Share): Flight | undefined {
    // Messages that nobody needed may have been dropped before a group has sought back.
    const number = Math.max(share.next, this.#log.firstOf(partition));
    const entry = this.#log.at(partition, number);
    return entry && { entry, number, attempt: 1, epoch: this.#epoch };
  }

  #settled({ partition }: Entry): Share {
    const share = this.#shares[partition] as Share;
    if (share.busy > 0) share.busy -= 1;
    return share;
  }

  #comesBack(share: Share, flight: Flight): void {
    const at = share.again.findIndex(({ number }) => number > flight.number);
    share.again.splice(at < 0 ? share.again.length : at, 0, flight);
    share.owner?.pump();
  }

  /** A partition goes over to another member when the one before has nothing of it in hand. */
  #release(share: Share): void {
    if (share.busy === 0 && share.owner !== this.#wishedOwner(share)) this.#divide();
  }

  #wishedOwner(share: Share): Member | undefined {
    return this.#members[this.#shares.indexOf(share) % this.#members.length];
  }

  #divide(): void {
    for (const share of this.#shares) if (share.busy === 0) share.owner = this.#wishedOwner(share);
    for (const member of this.#members) member.pump();
  }
}

function cancel(later: Later): void {
  later.letGo();
  later.cancel();
}
