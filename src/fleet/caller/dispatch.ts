/** Brings calls into their queues, however often the server is away, and takes back those that nobody wants. @module */

import { after, now } from '../../base/clock.ts';
import { OffloopError, WorkerExitError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import type { NatsMessage } from '../../nats/client-types.ts';
import { storedAnswerIn } from '../../nats/stored-answer.ts';
import { isNobody } from '../nats/connection.ts';
import type { Connection, Opened } from '../nats/connection.ts';
import type { Names } from '../nats/names.ts';
import { isPassing, isPassingCode } from '../nats/passing.ts';
import { Queues } from './queues.ts';
import type { Queued } from './queues.ts';
import type { RemoteCall } from './remote-call.ts';

/** How often calls are looked at that their queue does not have yet, in milliseconds. */
const lookTime = 500;

/** How long the server may take to say that it has a call, in milliseconds, before the call is sent again. */
const storeTime = 1500;

/** For how long the server knows that it has a call already, in milliseconds, with a margin. */
const knownTime = 100_000;

/** How long a node may take to say that it has a call, after the server was away, in milliseconds. */
const settleTime = 1000;

/** How many calls are looked for in their queues at once. */
const atOnce = 64;

/** What a dispatch stands on. */
export interface DispatchEnds {
  readonly connection: Connection;
  readonly names: Names;
  readonly id: string;
  readonly stream: Readonly<Record<string, unknown>>;

  /** The calls that are outstanding, by their numbers. */
  readonly calls: ReadonlyMap<number, RemoteCall>;
  open(): Promise<Opened>;
}

/**
 * The way of calls into their queues.
 *
 * Invariant: a call that the server has not said that it has is sent again under the same name, by which the server knows it.
 */
export class Dispatch {
  readonly #ends: DispatchEnds;
  readonly #queues: Queues;

  /** Calls that the server has not said that it has. */
  readonly #unstored = new Set<RemoteCall>();

  /** Calls that are to be taken back as soon as the server says that it has them. */
  readonly #unwanted = new Map<number, Queued>();
  readonly #bySequence = new Map<string, RemoteCall>();
  #isWatching = false;

  constructor(ends: DispatchEnds) {
    const { connection, names, id, stream } = ends;
    this.#ends = ends;
    this.#queues = new Queues({ connection, names, id, stream, givenUp: (...where) => this.#givenUp(...where) });
  }

  /** Sends a call to its queue. */
  add(remote: RemoteCall): void {
    this.#unstored.add(remote);
    this.#watch();
    const { opened } = this.#ends.connection;
    const { queued } = remote.plan;
    if (opened && this.#queues.isOpen(queued.hash)) this.#queues.put(opened, queued);
    else void this.#bring(remote);
  }

  /** Called when a call is over. */
  over(remote: RemoteCall): void {
    const { queued } = remote.plan;
    this.#unstored.delete(remote);
    this.#bySequence.delete(placeOf(queued));
  }

  /** Takes back a call that nobody wants; one that the server has not said that it has, once it does. */
  takeBack(queued: Queued): void {
    if (queued.sequence === undefined && queued.sentAt > 0) this.#unwanted.set(queued.number, queued);
    else void this.#queues.takeBack(queued);
  }

  /** Takes a call back that waits, and says whether a node may have begun it before that. */
  async withdraw(queued: Queued): Promise<boolean> {
    if (queued.sequence === undefined) return queued.sentAt > 0;
    // From here on no node is given it.
    await this.#queues.takeBack(queued);
    return (await this.#queues.hasGiven(queued)) !== false;
  }

  /** The server has the call with this number, or says why not. */
  stored(number: number, message: NatsMessage): void {
    const answer = storedAnswerIn(message.data);
    // Somebody else has sent it: the call is sent again until there is a word of the server.
    if (!answer && !isNobody(message)) return;
    const unwanted = this.#unwanted.get(number);
    this.#unwanted.delete(number);
    if (unwanted && answer && !answer.error) {
      void this.#queues.takeBack({ ...unwanted, sequence: answer.seq });
    }
    const remote = this.#ends.calls.get(number);
    if (!remote) return;
    const { queued } = remote.plan;
    if (!answer || answer.error) {
      this.#queues.doubt(queued.hash);
      if (answer?.error && !isPassingCode(answer.error.code)) remote.fail(brokerError(answer.error.description));
      return;
    }
    queued.sequence = answer.seq;
    this.#bySequence.set(placeOf(queued), remote);
    this.#unstored.delete(remote);
  }

  /** The server is there again. */
  back(): void {
    this.#again(0);
    after(settleTime, () => void this.#search());
  }

  /** The connection is gone, and with it all that was known. */
  forget(): void {
    this.#queues.forget();
    this.#unwanted.clear();
  }

  /** Makes the connection and the queue first. */
  async #bring(remote: RemoteCall): Promise<void> {
    const { queued } = remote.plan;
    try {
      const opened = await this.#ends.open();
      await this.#queues.open(opened, queued.hash);
      if (this.#unstored.has(remote)) this.#queues.put(opened, queued);
    } catch (error) {
      // A server that was there is waited for; one that never was, or that refuses, is not.
      if (this.#ends.connection.opened && isPassing(error)) return;
      remote.fail(error instanceof OffloopError ? error : brokerError(error));
    }
  }

  #givenUp(hash: string, sequence: number): void {
    const remote = this.#bySequence.get(`${hash} ${sequence}`);
    if (!remote || remote.node !== undefined) return;
    const text = `The outcome of ${remote.call.name} is unknown: no node has finished it, and its queue gives it up`;
    remote.fail(new WorkerExitError(text));
  }

  #watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    after(lookTime, () => {
      this.#isWatching = false;
      this.#again(storeTime);
      if (this.#unstored.size > 0) this.#watch();
    });
  }

  /** Sends again what the server has not said that it has for so long. */
  #again(least: number): void {
    const { opened, upSince } = this.#ends.connection;
    if (!opened || upSince === undefined) return;
    const at = now();
    for (const remote of this.#unstored) {
      const { queued } = remote.plan;
      if (at - queued.sentAt < least) continue;
      if (queued.triedAt !== 0 && at - queued.triedAt > knownTime) this.#tooOld(remote);
      else if (this.#queues.isOpen(queued.hash)) this.#queues.put(opened, queued);
      else void this.#bring(remote);
    }
  }

  /** The server may have the call, and has forgotten by now that it was the same one. */
  #tooOld(remote: RemoteCall): void {
    const { queued } = remote.plan;
    if (remote.call.plan.idempotent === true) Object.assign(queued, { times: queued.times + 1, triedAt: 0 });
    else remote.fail(brokerError('the server was away for so long that nobody knows whether it has the call'));
  }

  /** Sends calls again that were in a queue which is not there any more. */
  async #search(): Promise<void> {
    const waiting = [...this.#bySequence.values()].filter(({ node }) => node === undefined);
    for (let at = 0; at < waiting.length; at += atOnce) {
      const some = waiting.slice(at, at + atOnce);
      // Some at a time, so that the server is not asked too much at once.
      // oxlint-disable-next-line no-await-in-loop
      await Promise.all(some.map(async (remote) => this.#searchFor(remote)));
    }
  }

  async #searchFor(remote: RemoteCall): Promise<void> {
    const { queued } = remote.plan;
    if ((await this.#queues.has(queued)) !== false) return;
    if (!this.#ends.calls.has(remote.number) || remote.node !== undefined) return;
    this.#bySequence.delete(placeOf(queued));
    Object.assign(queued, { sequence: undefined, times: queued.times + 1, triedAt: 0 });
    this.#queues.doubt(queued.hash);
    this.add(remote);
  }
}

const placeOf = ({ hash, sequence }: Queued): string => `${hash} ${sequence}`;

/** The error of a call that could not be brought to the server, or whose answer could not be read. */
export function brokerError(cause: unknown): OffloopError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new OffloopError('ERR_OFFLOOP_BROKER', `Cannot call through NATS: ${why}`, { cause });
}
