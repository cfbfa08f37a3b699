/** Consumers of JetStream as the server is told of them, and as it tells of them. @module */

import { dateAt } from '../../base/intrinsics.ts';
import { OffloopError } from '../../base/errors.ts';
import type { ConsumeWish, StartPosition } from '../transport.ts';
import type { NatsConsumerConfig, NatsConsumerInfo } from './client-types.ts';

/** Nanoseconds of milliseconds. */
const nanos = (time: number): number => Math.round(time * 1e6);

/** How long the consumer of one without a group stays when nobody asks it, in milliseconds. */
const forgottenAfter = 300_000;

/** How a consumer of the server is called, and how it is made. */
export interface ConsumerPlan {
  readonly wish: ConsumeWish;
  readonly ackWait: number;

  /** More of the server's own options. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** A consumer as the server has it. */
export interface Bound {
  readonly stream: string;
  readonly name: string;

  /** How long a message may take, in milliseconds. */
  readonly ackWait: number;

  /** How often the server delivers a message; `Infinity` unless somebody else has made the consumer. */
  readonly maxDeliver: number;

  /** How many messages it may be asked for at once, and for how long, in milliseconds; `Infinity` without a limit. */
  readonly maxBatch: number;
  readonly maxExpires: number;

  /** The position of the message that comes next. */
  readonly next: number;

  /** When it was made, in milliseconds since the epoch: one that was deleted and made again is another one. */
  readonly created: number;
}

/** How it is made, to begin at `start`. */
export function configOf(
  name: string,
  { wish, ackWait, config }: ConsumerPlan,
  start: StartPosition,
): NatsConsumerConfig {
  return {
    durable_name: name,
    filter_subject: wish.topic,
    ack_policy: 'explicit',
    ack_wait: nanos(ackWait),
    // The topic counts by itself: the server would fall silent.
    max_deliver: -1,
    max_ack_pending: -1,
    ...(wish.group === undefined ? { inactive_threshold: nanos(forgottenAfter) } : {}),
    ...config,
    ...deliverFrom(start),
  };
}

/** @throws {OffloopError} `ERR_OFFLOOP_BROKER` if it is not one that can be used. */
export function boundOf(topic: string, stream: string, { config, name, created, delivered }: NatsConsumerInfo): Bound {
  if (config.deliver_subject !== undefined || config.ack_policy !== 'explicit')
    throw new OffloopError(
      'ERR_OFFLOOP_BROKER',
      `Cannot consume the topic ${topic}: the consumer ${name} of the server is not one that is pulled and acknowledges each message`,
    );
  const { ack_wait = nanos(30_000), max_deliver = -1, max_batch = 0, max_expires = 0 } = config;
  return {
    stream,
    name,
    ackWait: ack_wait / 1e6,
    maxDeliver: max_deliver > 0 ? max_deliver : Infinity,
    maxBatch: max_batch > 0 ? max_batch : Infinity,
    maxExpires: max_expires > 0 ? max_expires / 1e6 : Infinity,
    next: delivered.stream_seq + 1,
    created: timeOf(created),
  };
}

function deliverFrom(
  start: StartPosition,
): Pick<NatsConsumerConfig, 'deliver_policy' | 'opt_start_seq' | 'opt_start_time'> {
  switch (start.at) {
    case 'first':
      return { deliver_policy: 'all' };
    case 'last':
      return { deliver_policy: 'last' };
    case 'position':
      return { deliver_policy: 'by_start_sequence', opt_start_seq: Math.max(1, start.position) };
    case 'time':
      return { deliver_policy: 'by_start_time', opt_start_time: dateAt(start.time).toISOString() };
    default:
      return { deliver_policy: 'new' };
  }
}

function timeOf(text: string): number {
  return (dateAt(0).constructor as DateConstructor).parse(text);
}
