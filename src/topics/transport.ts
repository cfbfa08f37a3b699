/** A broker, as topics see it: one small interface, which says by flags what it can. @module */

/** The abilities of a transport, beside sending and delivering. */
export interface TransportAbilities {
  /** Whether messages and positions outlive the process. */
  readonly durable: boolean;

  /** Whether the messages of a topic are divided by their keys, and a group shares them by partitions. */
  readonly partitions: boolean;

  /** Whether a message that was handed back comes again before newer ones of its partition. */
  readonly orderedRedelivery: boolean;

  /** Whether the broker can go away and come back, with its messages. */
  readonly brokerRestart: boolean;

  /** Whether a group can begin at a time. */
  readonly times: boolean;
}

/** Where to begin: plain data, checked. Time is in milliseconds since the epoch. */
export type StartPosition =
  | { readonly at: 'first' | 'last' | 'new' }
  | { readonly at: 'position'; readonly position: number }
  | { readonly at: 'time'; readonly time: number }
  | { readonly at: 'partitions'; readonly positions: Readonly<Record<number, number>> };

/** Bytes, or `null` where there is no value. */
export type Bytes = Uint8Array;

/** A message to send. Plain data, so that it can go to a thread. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly key: Bytes | undefined;
  readonly value: Bytes | null;
  readonly headers: Readonly<Record<string, string>>;

  /** Where it is to go, whatever its key is. */
  readonly partition: number | undefined;

  /** The same for each time that it is sent. */
  readonly id: string;
}

/** Where a message was stored. */
export interface Placed {
  readonly partition: number;
  readonly position: number;
}

/** A message as it is delivered. Plain data. */
export interface IncomingMessage {
  /** The number of this delivery, which it is settled by. */
  readonly delivery: number;
  readonly key: Bytes | undefined;
  readonly value: Bytes | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly partition: number;
  readonly position: number;

  /** When it was stored, in milliseconds since the epoch. */
  readonly time: number;

  /** Which delivery of the same message it is, from 1. */
  readonly attempt: number;

  /** Whether the broker delivers it no more, whatever becomes of it. @defaultValue `false` */
  readonly isLast?: boolean;
}

/** The wish of a consumer. Plain data. */
export interface ConsumeWish {
  readonly topic: string;

  /** Consumers of one group share the messages, and go on where it has stopped; one without a group gets all. */
  readonly group: string | undefined;

  /** Where to begin, if the group has no position yet. */
  readonly start: StartPosition;

  /** How long acknowledgements are gathered before the broker is told, in milliseconds. */
  readonly commitInterval: number;
}

/** Told what comes. */
export interface ConsumeListener {
  /** As many messages as were asked for, at the most. */
  deliver(messages: readonly IncomingMessage[]): void;

  /** Something went wrong; it goes on by itself. */
  trouble(error: unknown): void;

  /** The broker delivers this message no more, and nobody has dealt with it. */
  undelivered(message: IncomingMessage): void;

  /** These are another consumer's now, all of them that are in hand or wait to be confirmed: what becomes of them means nothing. */
  gone(deliveries: readonly number[]): void;

  /** It goes on from another position: what was delivered before counts for nothing. */
  restarted(): void;

  /** The broker was lost, or is back. */
  connected(isConnected: boolean): void;

  /** Nothing more will come. */
  failed(error: unknown): void;
}

/** One consumer. */
export interface Consumption {
  /** Resolves once its position is fixed: what is sent after it is delivered. Rejects if it cannot begin. */
  readonly ready: PromiseLike<void> | undefined;

  /** `count` more messages may be delivered. */
  request(count: number): void;

  /** A message was dealt with: gives a promise that resolves once the broker has confirmed it, if that takes time. */
  ack(delivery: number): PromiseLike<void> | undefined;

  /** A message is to be delivered again, after `delay` milliseconds. */
  nack(delivery: number, delay: number): void;

  /** Goes on from `start`, and tells the listener when it does. */
  seek(start: StartPosition): Promise<void>;

  /**
   * Takes no more messages, and hands back, in order, those of `untaken` and those that were not delivered yet. Those that are
   * in hand may still be settled.
   */
  stop(untaken: readonly number[]): Promise<void>;

  /** Hands back what is in hand, and ends. */
  close(): Promise<void>;
}

/** A way to a broker. */
export interface Transport {
  readonly name: string;
  readonly can: TransportAbilities;

  /** Whether it is known what it can; `false` before a transport in a thread was used. @defaultValue `true` */
  readonly isKnown?: boolean;

  /** Whether messages are asked for before anybody takes them, since they have a long way. */
  readonly readsAhead: boolean;

  /**
   * Sends a message, again and again if need be, until the broker has confirmed it.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_TIMEOUT` after `timeout` milliseconds; whether it was stored is not known then.
   */
  send(message: OutgoingMessage, timeout: number): Promise<Placed>;

  /** A topic was made that has a group: a broker that keeps messages only as long as somebody needs them begins to. */
  declare?(wish: ConsumeWish): void;

  /** Begins to consume. */
  consume(wish: ConsumeWish, listener: ConsumeListener): Consumption;

  /** Ends everything; it can be used again. */
  close(): Promise<void>;
}
