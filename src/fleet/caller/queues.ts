/** Puts calls into the queues of their codes, and takes them back. @module */

import { now } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import type { NatsMessage, NatsSubscription } from '../../nats/client-types.ts';
import type { NatsManager } from '../nats/client-types.ts';
import type { Connection, Opened } from '../nats/connection.ts';
import { streamConfig } from '../nats/names.ts';
import type { Names } from '../nats/names.ts';
import { natsPackages } from '../nats/packages.ts';
import { isPassing } from '../nats/passing.ts';

/** A call, as its queue knows it. */
export interface Queued {
  readonly number: number;
  readonly hash: string;
  readonly bytes: Uint8Array;

  /** Its number in the queue, once it is there. */
  sequence: number | undefined;

  /** How often it was put there, because the queue had lost it. */
  times: number;

  /** When it was sent last, and first in this try. */
  sentAt: number;
  triedAt: number;
}

/** What queues stand on. */
export interface QueueEnds {
  readonly connection: Connection;
  readonly names: Names;
  readonly id: string;
  readonly stream: Readonly<Record<string, unknown>>;

  /** The queue `hash` gives up the call with this number. */
  givenUp(hash: string, sequence: number): void;
}

/** The queues of one caller. */
export class Queues {
  readonly #ends: QueueEnds;
  readonly #ready = new Map<string, Promise<void>>();
  readonly #open = new Set<string>();

  /** To what the queues give up. */
  readonly #subscriptions = new Map<string, NatsSubscription>();

  constructor(ends: QueueEnds) {
    this.#ends = ends;
  }

  /** Whether the queue is known to be there. */
  isOpen(hash: string): boolean {
    return this.#open.has(hash);
  }

  /** Makes the queue if it is not there, and listens to what it gives up. */
  async open(opened: Opened, hash: string): Promise<void> {
    const known = this.#ready.get(hash);
    if (known) return known;
    const making = this.#make(opened, hash);
    this.#ready.set(hash, making);
    try {
      await making;
      this.#open.add(hash);
    } catch (error) {
      if (this.#ready.get(hash) === making) this.#ready.delete(hash);
      throw error;
    }
  }

  /** The queue may have been deleted. */
  doubt(hash: string): void {
    this.#ready.delete(hash);
    this.#open.delete(hash);
  }

  /** The connection is another one. */
  forget(): void {
    this.#ready.clear();
    this.#open.clear();
    this.#subscriptions.clear();
  }

  /** Sends the call to its queue; the server says whether it has it at the subject that is for that. */
  put(opened: Opened, queued: Queued): void {
    const { names, id } = this.#ends;
    const headers = natsPackages().headers();
    headers.append('Nats-Msg-Id', `${id}.${queued.number}.${queued.times}`);
    const at = now();
    if (queued.triedAt === 0) queued.triedAt = at;
    queued.sentAt = at;
    opened.connection.publish(names.subject(queued.hash), queued.bytes, {
      reply: names.stored(queued.number, id),
      headers,
    });
  }

  /** Takes a call back that no node has; one that a node has already got is not in the way. */
  async takeBack({ hash, sequence }: Queued): Promise<void> {
    if (sequence === undefined) return;
    const manager = this.#ends.connection.opened?.manager;
    await manager?.streams.deleteMessage(this.#ends.names.stream(hash), sequence, false).catch(() => undefined);
  }

  /** Whether the queue has given the call to a node, once or more often; `undefined` if nobody knows. */
  async hasGiven({ hash, sequence, sentAt }: Queued): Promise<boolean | undefined> {
    const { opened, upSince } = this.#ends.connection;
    if (!opened || sequence === undefined) return undefined;
    const { names } = this.#ends;
    try {
      const { delivered } = await opened.manager.consumers.info(names.stream(hash), names.consumer);
      if (delivered.stream_seq >= sequence) return true;
      // A server that was away may have forgotten what it has given.
      return upSince !== undefined && upSince < sentAt ? false : undefined;
    } catch (error) {
      // No node has ever asked.
      return /not found/i.test((error as Error).message) ? false : undefined;
    }
  }

  /** Whether the queue has the call still; `undefined` if it does not say. */
  async has({ hash, sequence }: Queued): Promise<boolean | undefined> {
    const manager = this.#ends.connection.opened?.manager;
    if (!manager || sequence === undefined) return undefined;
    try {
      return (await manager.streams.getMessage(this.#ends.names.stream(hash), { seq: sequence })) !== null;
    } catch (error) {
      return /not found/i.test((error as Error).message) ? false : undefined;
    }
  }

  async #make({ manager, connection }: Opened, hash: string): Promise<void> {
    const { names, stream } = this.#ends;
    try {
      await manager.streams.add(streamConfig(names, hash, stream));
    } catch (error) {
      // Somebody has made it with other settings: a node knows none.
      if (!/already in use/.test((error as Error).message)) throw error;
      await this.#adjust(manager, hash);
    }
    const callback = (error: Error | null, message: NatsMessage): void => {
      const sequence = error ? undefined : sequenceIn(message);
      if (sequence !== undefined) this.#ends.givenUp(hash, sequence);
    };
    // A queue that was in doubt was listened to before.
    this.#subscriptions.get(hash)?.unsubscribe();
    this.#subscriptions.set(hash, connection.subscribe(names.givenUp(hash), { callback }));
  }

  /** Gives the queue the settings that the user has asked for. */
  async #adjust({ streams }: NatsManager, hash: string): Promise<void> {
    const { names, stream } = this.#ends;
    const name = names.stream(hash);
    const { config } = await streams.info(name);
    const isOther = ([key, value]: [string, unknown]): boolean => JSON.stringify(config[key]) !== JSON.stringify(value);
    if (!Object.entries(stream).some(isOther)) return;
    try {
      await streams.update(name, { ...config, ...streamConfig(names, hash, stream) });
    } catch (cause) {
      if (isPassing(cause)) throw cause;
      const text = `Cannot give the queue ${name} the settings of the option stream: ${(cause as Error).message}`;
      throw new OffloopError('ERR_OFFLOOP_BROKER', text, { cause });
    }
  }
}

function sequenceIn({ data }: NatsMessage): number | undefined {
  try {
    const { stream_seq: sequence } = JSON.parse(new TextDecoder().decode(data)) as { stream_seq?: unknown };
    return typeof sequence === 'number' ? sequence : undefined;
  } catch {
    return undefined;
  }
}
